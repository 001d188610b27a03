/** Rows that are printed at most. */
const mostPrinted = 2_000;

/**
 * The page's one script: search, sort and pages of the tables of rows. A row is its time in epoch milliseconds, its
 * result, and its cells; all of it is put in as text, never as HTML.
 */
export const pageScript = `
'use strict';
const number = (count) => count.toLocaleString('en-US');
const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
function show(section) {
  const rows = JSON.parse(document.getElementById(section.dataset.rows).textContent);
  const find = (name) => section.querySelector('[data-' + name + ']');
  const [search, result, size, status, body, pager] = ['search', 'result', 'size', 'status', 'body', 'pager'].map(find);
  const heads = [...section.querySelectorAll('.rows th')];
  const isTime = (column) => heads[column].dataset.time !== undefined;
  const texts = [];
  const textOf = (index) => (texts[index] ??= rows[index].slice(2).join('\\n').toLowerCase());
  let order = rows.map((_, index) => index);
  let found = order;
  let first = 0;
  const draw = (from, count) => {
    const shown = found.slice(from, from + count).map((index) => {
      const line = document.createElement('tr');
      line.className = rows[index][1];
      for (const [column, text] of rows[index].slice(2).entries()) {
        const cell = line.insertCell();
        cell.textContent = text;
        // Ids, names and addresses in one line; sentences in few.
        if (isTime(column) || (text.length <= 40 && !text.includes(' '))) cell.className = 'word';
        else if (text.length > 30) cell.className = 'sentence';
      }
      return line;
    });
    body.replaceChildren(...shown);
    const which = found.length === rows.length ? number(rows.length) + ' rows' : number(found.length) + ' of ' + number(rows.length) + ' rows match';
    const part = shown.length === found.length ? '' : ', rows ' + number(from + 1) + ' to ' + number(from + shown.length) + ' shown';
    const said = which + part + '.';
    if (status.textContent !== said) status.textContent = said;
  };
  const lastStart = () => Math.max(0, Math.floor((found.length - 1) / size.value) * size.value);
  const redraw = (from) => {
    first = Math.min(Math.max(0, from), lastStart());
    draw(first, Number(size.value));
    for (const button of pager.children) {
      const isBack = button.value === 'first' || button.value === 'previous';
      button.setAttribute('aria-disabled', String(isBack ? first === 0 : first === lastStart()));
    }
    pager.hidden = found.length <= size.value;
  };
  const filter = () => {
    const words = search.value.toLowerCase().split(/\\s+/).filter(Boolean);
    const wanted = result.value;
    found = order.filter((index) =>
      (wanted === '' || rows[index][1] === wanted) && words.every((word) => textOf(index).includes(word)));
    redraw(0);
  };
  // A time as text is sorted by what it stands for, which dates the row.
  const placeOf = (column) => (isTime(column) ? 0 : column + 2);
  const sortBy = (at, sign) => {
    const values = [...new Set(rows.map((row) => row[at]))];
    values.sort(at === 0 ? (a, b) => a - b : collator.compare);
    const ranks = new Map(values.map((value, rank) => [value, rank]));
    const keys = rows.map((row) => ranks.get(row[at]));
    order = rows.map((_, index) => index).sort((a, b) => sign * (keys[a] - keys[b]) || a - b);
    filter();
  };
  for (const [column, head] of heads.entries()) {
    head.firstElementChild.addEventListener('click', () => {
      const was = head.getAttribute('aria-sort');
      const how = was === null ? (isTime(column) ? 'descending' : 'ascending') : was === 'ascending' ? 'descending' : 'ascending';
      for (const other of heads) other.removeAttribute('aria-sort');
      head.setAttribute('aria-sort', how);
      sortBy(placeOf(column), how === 'ascending' ? 1 : -1);
    });
  }
  search.addEventListener('input', filter);
  result.addEventListener('change', filter);
  size.addEventListener('change', () => redraw(first - (first % size.value)));
  search.form.addEventListener('submit', (event) => event.preventDefault());
  pager.addEventListener('click', ({ target }) => {
    const step = Number(size.value);
    const to = { first: 0, previous: first - step, next: first + step, last: lastStart() }[target.value];
    if (to !== undefined && target.getAttribute('aria-disabled') !== 'true') redraw(to);
  });
  // A browser that goes back fills in what was typed before.
  addEventListener('pageshow', filter);
  addEventListener('beforeprint', () => draw(0, ${mostPrinted}));
  addEventListener('afterprint', () => redraw(first));
  find('controls').hidden = false;
  sortBy(0, -1);
}
for (const section of document.querySelectorAll('[data-rows]')) show(section);
`;
