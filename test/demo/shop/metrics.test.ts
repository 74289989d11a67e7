import { describe, expect, it } from 'vitest';
import { createRequestMetrics } from '../../../src/demo/shop/metrics.ts';

describe('request metrics', () => {
  it('count by route and status, with cumulative buckets as scrapers expect them', () => {
    const metrics = createRequestMetrics('cart');
    metrics.count('/add', 200, 3);
    metrics.count('/add', 200, 300);
    metrics.count('/add', 500, 9_000);
    const lines = metrics.text().split('\n');
    expect(lines).toContain('http_requests_total{service="cart",route="/add",status="200"} 2');
    expect(lines).toContain('http_requests_total{service="cart",route="/add",status="500"} 1');
    expect(lines).toContain('http_request_duration_seconds_bucket{service="cart",route="/add",status="200",le="0.25"} 1');
    expect(lines).toContain('http_request_duration_seconds_bucket{service="cart",route="/add",status="200",le="0.5"} 2');
    expect(lines).toContain('http_request_duration_seconds_bucket{service="cart",route="/add",status="500",le="2.5"} 0');
    expect(lines).toContain('http_request_duration_seconds_bucket{service="cart",route="/add",status="500",le="+Inf"} 1');
    expect(lines).toContain('http_request_duration_seconds_sum{service="cart",route="/add",status="200"} 0.303');
  });
});
