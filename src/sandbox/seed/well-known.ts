/** Ids that are the same in every tenant (learn.microsoft.com, "Application IDs of commonly used Microsoft applications"). */
export const appIds = {
  graph: '00000003-0000-0000-c000-000000000000',
  legacyGraph: '00000002-0000-0000-c000-000000000000',
  azureCli: '04b07795-8ddb-461a-bbee-02f9e1bf7b46',
  graphTools: '14d82eec-204b-4c2f-b7e8-296a70dab67e',
  resourceManager: '797f4846-ba00-4fd7-ba43-dac1f8f63013',
  portal: 'c44b4083-3bb0-49c1-b47d-974e53cbdf3c',
  graphExplorer: 'de8bc8b5-d9f9-48b1-a8ad-b748da725064',
} as const;

/** The tenant that owns Microsoft's own applications. */
export const microsoftTenantId = 'f8cdef31-a31e-4b4a-93e4-5f571e91255a';

/** Service plans that make sign-in logs readable through Graph (Entra licensing service plan reference). */
export const premiumPlans = {
  p1: '41781fb2-bc02-4b7c-bd55-b576c07bb09d',
  p2: 'eec0eb4f-6444-4f95-aba0-50c24d67f998',
} as const;
