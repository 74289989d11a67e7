/** The setting that says where services live; read by the API's adapter and the webhook's. */
import { z } from 'zod';
import { readRepositories } from './places.ts';

export const RepositoriesSetting = z
  .string()
  .refine(
    (text) => readRepositories(text) !== null,
    'must be owner/repo, owner/repo:service or owner/repo:folder=service, separated by commas',
  )
  .optional()
  .describe(
    'Repositories of the services, comma-separated: `owner/repo`, `owner/repo:service` or `owner/repo:folder=service`; without it those the token can read and that are named like services',
  );
