import { context, metrics, propagation, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'

/** The SDK of OpenTelemetry with exporters of OTLP, as an application sets it up. */
export interface Telemetry {
  /** Exports the metrics now. */
  exportMetrics(): Promise<void>
  stop(): Promise<void>
}

/** Long enough that only `exportMetrics` exports. */
const NEVER_MS = 3_600_000

/** Makes the SDK the global one of this process, exporting to `url`; `stop` ends it and takes it away. */
export function startTelemetry(url: string): Telemetry {
  const tracers = new TracerProvider({
    spanProcessors: [new SimpleSpanProcessor({ exporter: new OTLPTraceExporter({ url: `${url}/v1/traces` }) })],
  })
  const meters = new MeterProvider({
    readers: [
      new PeriodicExportingMetricReader({
        exporter: new OTLPMetricExporter({ url: `${url}/v1/metrics` }),
        exportIntervalMillis: NEVER_MS,
      }),
    ],
  })
  const manager = new AsyncLocalStorageContextManager()
  manager.enable()
  context.setGlobalContextManager(manager)
  propagation.setGlobalPropagator(new W3CTraceContextPropagator())
  trace.setGlobalTracerProvider(tracers)
  metrics.setGlobalMeterProvider(meters)
  return {
    exportMetrics: () => meters.forceFlush(),
    async stop() {
      for (const api of [context, propagation, trace, metrics]) api.disable()
      manager.disable()
      await Promise.all([tracers.shutdown(), meters.shutdown()])
    },
  }
}
