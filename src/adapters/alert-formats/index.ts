/** Every alert body TracePulse reads. `POST /webhook/<id>` takes what is listed here; a line and a fixture add one. */
import { alertmanager } from './alertmanager.ts';
import { cloudevents } from './cloudevents.ts';
import { datadog } from './datadog.ts';
import { elastalert } from './elastalert.ts';
import { event } from './event.ts';
import { generic } from './generic.ts';
import { grafana } from './grafana.ts';
import { incidentio } from './incidentio.ts';
import { kibana } from './kibana.ts';
import { opsgenie } from './opsgenie.ts';
import { pagerduty } from './pagerduty.ts';
import { prometheus } from './prometheus.ts';
import { sentry } from './sentry.ts';
import { splunk } from './splunk.ts';

export const alertFormats = [
  event,
  alertmanager,
  prometheus,
  grafana,
  pagerduty,
  datadog,
  sentry,
  kibana,
  elastalert,
  splunk,
  opsgenie,
  incidentio,
  cloudevents,
  generic,
];
