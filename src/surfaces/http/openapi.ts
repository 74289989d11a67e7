/** `/openapi.json`: the API described by the schemas that its input is checked by, and that its answers are tested against. */
import { z } from 'zod';
import { IncidentContext } from '../../domain/incident-context.ts';
import * as shapes from './api-shapes.ts';

type Json = Readonly<Record<string, unknown>>;

/** Outsiders must not break when an answer gains a field, so nothing says that there are no others. */
function schemaOf(shape: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...schema } = z.toJSONSchema(shape, {
    io,
    override: ({ jsonSchema }) => {
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    },
  });
  return schema;
}

const named = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const json = (description: string, schema: Json) => ({ description, content: { 'application/json': { schema } } });
const problem = (description: string) => json(description, named('Problem'));

const mayFail = { 401: problem('A token is needed'), 403: problem('The token may not'), 503: problem('Try again after `Retry-After`') };

function inQuery(query: z.ZodObject): Json[] {
  const { properties = {} } = schemaOf(query, 'input') as { properties?: Readonly<Record<string, Json>> };
  return Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', required: false, schema }));
}

const id = { name: 'id', in: 'path', required: true, schema: { type: 'string' }, description: 'Such as INC-12' };

const reading = {
  '/api/incidents': {
    get: {
      operationId: 'listIncidents',
      summary: 'Incidents, newest first',
      parameters: inQuery(shapes.IncidentsQuery),
      responses: { 200: json('A page', named('Incidents')), 400: problem('The query is not as expected'), ...mayFail },
    },
  },
  '/api/incidents/{id}': {
    get: {
      operationId: 'getIncident',
      summary: 'An incident with its alerts, deliveries and verdicts',
      parameters: [id],
      responses: { 200: json('The incident', named('Incident')), 404: problem('There is none'), ...mayFail },
    },
    delete: {
      operationId: 'forgetIncident',
      summary: 'Takes an incident out of the store and out of Slack; says what stays elsewhere',
      parameters: [id],
      responses: { 200: json('What became of it', named('Forgotten')), 404: problem('There is none'), ...mayFail },
    },
  },
  '/api/incidents/{id}/context': {
    get: {
      operationId: 'getIncidentContext',
      summary: 'All that is known of an incident, for machines; `maxTokens` trims it by usefulness',
      parameters: [id, ...inQuery(shapes.ContextQuery)],
      responses: {
        200: json('The context', named('IncidentContext')),
        400: problem('The query is not as expected'),
        404: problem('There is none, or it is not ranked yet'),
        ...mayFail,
      },
    },
  },
  '/api/incidents/{id}/feedback': {
    post: {
      operationId: 'giveFeedback',
      summary: 'Confirms or rejects a hypothesis, or takes that back',
      parameters: [id],
      requestBody: { required: true, content: { 'application/json': { schema: named('Feedback') } } },
      responses: {
        200: json('The incident after it', named('Incident')),
        400: problem('The body is not as expected'),
        404: problem('There is no such incident'),
        413: problem('The body is too large'),
        415: problem('The body is no JSON'),
        ...mayFail,
      },
    },
  },
  '/api/incidents/{id}/ticket': {
    post: {
      operationId: 'openTicket',
      summary: "Asks for the incident's one issue in the connected tracker; asked twice it is still one",
      parameters: [id],
      responses: {
        202: json('Asked for, or made already', named('Ticket')),
        404: problem('There is no such incident, or no tracker is connected'),
        ...mayFail,
      },
    },
  },
  '/api/dead-letters': {
    get: {
      operationId: 'listDeadLetters',
      summary: 'Work and messages that failed too often and were laid aside, newest first',
      responses: { 200: json('Which, and why', named('DeadLetters')), ...mayFail },
    },
  },
  '/api/dead-letters/replay': {
    post: {
      operationId: 'replayDeadLetters',
      summary: 'Puts dead letters back in line, all where no ids are given',
      requestBody: { required: true, content: { 'application/json': { schema: named('Replay') } } },
      responses: {
        200: json('Which were there', named('Replayed')),
        400: problem('The body is not as expected'),
        413: problem('The body is too large'),
        415: problem('The body is no JSON'),
        ...mayFail,
      },
    },
  },
  '/api/map': {
    get: {
      operationId: 'getMap',
      summary: 'Who calls whom; with `limit` in pages of so many edges, each with the services these name',
      parameters: inQuery(shapes.MapQuery),
      responses: { 200: json('The map, or a page of it', named('ServiceMap')), 400: problem('The query is not as expected'), ...mayFail },
    },
  },
} as const;

const open = {
  '/api/schema/incident-context.json': {
    get: {
      operationId: 'getContextSchema',
      summary: 'The JSON Schema of a context',
      security: [],
      responses: { 200: json('The schema', { type: 'object' }) },
    },
  },
} as const;

const sending = {
  '/webhook/event': {
    post: {
      operationId: 'sendEvents',
      summary: "An application's event, or up to 1,000 of them; answered once they are durable",
      security: [{ webhookToken: [] }],
      requestBody: {
        required: true,
        content: {
          'application/json': { schema: { anyOf: [named('EventForm'), { type: 'array', items: named('EventForm'), maxItems: 1_000 }] } },
        },
      },
      responses: {
        202: json('Durable', named('Accepted')),
        400: problem('Nothing is stored'),
        401: problem('A token or a signature is needed'),
        413: problem('The body is too large'),
        415: problem('The body is no JSON'),
        503: problem('Try again after `Retry-After`'),
      },
    },
  },
} as const;

export function openApi(): Json {
  return {
    openapi: '3.1.0',
    info: { title: 'TracePulse', version: '1', description: 'Incidents, what is known of them, and what people said.' },
    security: [{ apiToken: [] }],
    paths: { ...reading, ...open, ...sending },
    components: {
      schemas: {
        Incidents: schemaOf(shapes.Incidents, 'output'),
        Incident: schemaOf(shapes.Incident, 'output'),
        IncidentContext: schemaOf(IncidentContext, 'output'),
        DeadLetters: schemaOf(shapes.DeadLetters, 'output'),
        Replay: schemaOf(shapes.Replay, 'input'),
        Replayed: schemaOf(shapes.Replayed, 'output'),
        ServiceMap: schemaOf(shapes.ServiceMap, 'output'),
        Forgotten: schemaOf(shapes.Forgotten, 'output'),
        Ticket: schemaOf(shapes.Ticket, 'output'),
        Accepted: schemaOf(shapes.Accepted, 'output'),
        Problem: schemaOf(shapes.Problem, 'output'),
        Feedback: schemaOf(shapes.Feedback, 'input'),
        EventForm: schemaOf(shapes.EventForm, 'input'),
      },
      securitySchemes: {
        apiToken: {
          type: 'http',
          scheme: 'bearer',
          description: 'TRACEPULSE_API_TOKEN, one of TRACEPULSE_API_TOKENS, or a token signed with TRACEPULSE_JWT_SECRET',
        },
        webhookToken: { type: 'http', scheme: 'bearer', description: 'TRACEPULSE_WEBHOOK_TOKEN' },
      },
    },
  };
}
