/** Every kind of model server; the first that is on is asked. A line and a fixture add one. */
import { openai } from './openai/openai.ts';

export const models = [openai];
