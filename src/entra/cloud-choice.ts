import type { ReportingConfig } from '../config/config.ts';
import { WizardError } from '../core/errors.ts';
import type { ConfigPlace } from '../tenant/model.ts';
import { type Cloud, type PublicCloudName, publicCloud, withEndpoints } from './clouds.ts';

/** Where the options of a run lead. */
export interface CloudOptions {
  readonly cloud?: PublicCloudName;
  readonly authorityHost?: string;
  readonly graphUrl?: string;
}

/** The cloud that the options name; the global one where they name none. */
export function chooseCloud(options: CloudOptions): Cloud {
  return withEndpoints(publicCloud(options.cloud ?? 'global'), options.authorityHost, options.graphUrl);
}

/** How the config file names a cloud. */
export function placeOf(cloud: Cloud): ConfigPlace {
  if (cloud.name !== 'custom') return { cloud: cloud.name };
  return { cloud: 'custom', endpoints: { authorityHost: cloud.authorityHost, graphUrl: cloud.graphUrl } };
}

/** The cloud of a config file, endpoints given as options taking its place. Throws WizardError for a sandbox's. */
export function cloudOfConfig(config: ReportingConfig, options: CloudOptions): Cloud {
  const { cloud, endpoints } = config;
  const asked =
    options.cloud !== undefined || options.authorityHost !== undefined || options.graphUrl !== undefined;
  if (cloud === 'sandbox') {
    throw new WizardError('config-other-cloud', 'The file was made in the sandbox tenant.');
  }
  if (cloud === 'custom') {
    return withEndpoints(
      publicCloud('global'),
      options.authorityHost ?? endpoints?.authorityHost,
      options.graphUrl ?? endpoints?.graphUrl,
    );
  }
  if (asked && options.cloud !== undefined && options.cloud !== cloud) {
    throw new WizardError(
      'config-other-cloud',
      `The file belongs to cloud ${cloud}, not to ${options.cloud}.`,
      {
        remedy: 'Leave --cloud out: verify goes where the file says.',
      },
    );
  }
  return withEndpoints(publicCloud(cloud), options.authorityHost, options.graphUrl);
}
