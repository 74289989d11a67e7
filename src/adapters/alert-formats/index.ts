/** Every alert body TracePulse reads. `POST /webhook/<id>` takes what is listed here; a line and a fixture add one. */
import { alertmanager } from './alertmanager.ts';
import { event } from './event.ts';
import { generic } from './generic.ts';

export const alertFormats = [event, alertmanager, generic];
