/** First line of the file: by it the program knows its own. */
export const handOffHeading = '# Consent for the reporting application';

/** One request to Microsoft Graph that gives consent to one permission. */
export interface ConsentRequest {
  readonly permission: string;
  readonly method: 'POST';
  readonly url: string;
  /** Object ids of service principals, and the id of the permission. */
  readonly body: {
    readonly principalId: string;
    readonly resourceId: string;
    readonly appRoleId: string;
  };
}

/** What somebody else needs to give consent. It holds no secret. */
export interface HandOff {
  /** The file it was saved in, where it could be. */
  readonly path?: string;
  /** The page on which everything is granted at once. */
  readonly url: string;
  /** The same as commands of Azure CLI. */
  readonly commands: readonly string[];
  readonly requests: readonly ConsentRequest[];
}
