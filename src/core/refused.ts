/** Microsoft Graph does not let this account make a change that somebody else can make: the rest of the job goes on. */
export class Refused extends Error {
  constructor(what: string, cause: unknown) {
    super(what, { cause });
    this.name = 'Refused';
  }
}
