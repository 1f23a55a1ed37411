// A frame in Prometheus' text format (version 0.0.4).
import type { LoadFrame } from '../../../shared/load.ts'

function label(text: string): string {
  return `"${text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')}"`
}

function metric(name: string, type: string, help: string, samples: [string, number][]): string {
  const lines = samples.map(([labels, value]) => `${name}${labels} ${value}`)
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines, ''].join('\n')
}

/** The text that `GET /metrics` answers. */
export function prometheusText(frame: LoadFrame): string {
  const { bots, servers, latency, unreachable } = frame
  const perBot = (value: (bot: (typeof bots)[number]) => number): [string, number][] =>
    bots.map((bot) => [`{pod=${label(bot.pod)}}`, value(bot)])
  return [
    metric(
      'podium_requests_sent_total',
      'counter',
      'Requests sent.',
      perBot((bot) => bot.sent),
    ),
    metric(
      'podium_requests_answered_total',
      'counter',
      'Requests answered in full and verified.',
      perBot((bot) => bot.answered),
    ),
    metric(
      'podium_requests_failed_total',
      'counter',
      'Requests that failed, by cause.',
      bots.flatMap((bot) =>
        Object.entries(bot.failed).map(([cause, count]): [string, number] => [
          `{pod=${label(bot.pod)},cause=${label(cause)}}`,
          count,
        ]),
      ),
    ),
    metric(
      'podium_requests_retried_total',
      'counter',
      'Requests resent because their server closed before it answered.',
      perBot((bot) => bot.retried),
    ),
    metric(
      'podium_requests_in_flight',
      'gauge',
      'Requests in flight.',
      perBot((bot) => bot.inFlight),
    ),
    metric(
      'podium_server_answers_total',
      'counter',
      'Answers given, by server.',
      servers.map(({ pod, version, answered }) => [
        `{pod=${label(pod)},version=${label(version)}}`,
        answered,
      ]),
    ),
    metric(
      'podium_request_latency_seconds',
      'gauge',
      'Latency over the last second.',
      latency === null
        ? []
        : ([
            ['{quantile="0.5"}', latency.p50 / 1000],
            ['{quantile="0.9"}', latency.p90 / 1000],
            ['{quantile="0.99"}', latency.p99 / 1000],
            ['{quantile="1"}', latency.max / 1000],
          ] satisfies [string, number][]),
    ),
    metric('podium_loadbots_unreachable', 'gauge', 'Loadbots that do not answer.', [
      ['', unreachable.length],
    ]),
  ].join('')
}
