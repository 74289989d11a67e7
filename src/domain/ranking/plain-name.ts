/** One spelling for names of metrics and services: `istio_request_duration_milliseconds_sum` → `istio.request.duration.milliseconds.sum` */
export const plain = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1.$2')
    .toLowerCase()
    .replace(/[_/:-]/g, '.');
