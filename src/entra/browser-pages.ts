/** A page for the browser that comes back from Entra; what it shows comes from here alone. */
function page(title: string, text: string): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} - reporting-setup</title>
<style>
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 30rem; margin: 15vh auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; }
</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p>${text}</p>
</main>
</body>
</html>
`;
}

/** What the browser shows last. It shows `successMessage` before the token is fetched: that promises nothing. */
export const browserPages = {
  successMessage: page(
    'You can close this window',
    'The sign-in goes on in the terminal where you started reporting-setup.',
  ),
  errorMessage: page(
    'The sign-in did not succeed',
    'The terminal where you started reporting-setup says why. You can close this window.',
  ),
} as const;
