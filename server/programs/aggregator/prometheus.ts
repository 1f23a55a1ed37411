// A frame in Prometheus' text format (version 0.0.4).
import { FAILURE_CAUSES, type LoadFrame } from '../../../shared/load.ts'

function label(text: string): string {
  return `"${text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')}"`
}

function metric(name: string, type: string, help: string, samples: [string, number][]): string {
  const lines = samples.map(([labels, value]) => `${name}${labels} ${value}`)
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines, ''].join('\n')
}

type Bot = LoadFrame['bots'][number]

const PER_BOT: [name: string, type: string, help: string, value: (bot: Bot) => number][] = [
  ['podium_requests_sent_total', 'counter', 'Requests sent.', (bot) => bot.sent],
  ['podium_requests_answered_total', 'counter', 'Requests answered.', (bot) => bot.answered],
  [
    'podium_requests_retried_total',
    'counter',
    'Requests resent because their server closed before it answered.',
    (bot) => bot.retried,
  ],
  ['podium_requests_in_flight', 'gauge', 'Requests in flight.', (bot) => bot.inFlight],
]

function failuresOf(bots: readonly Bot[]): [string, number][] {
  return bots.flatMap((bot) =>
    FAILURE_CAUSES.map((cause): [string, number] => [
      `{pod=${label(bot.pod)},cause=${label(cause)}}`,
      bot.failed[cause],
    ]),
  )
}

function quantilesOf(latency: LoadFrame['latency']): [string, number][] {
  if (latency === null) return []
  const { p50, p90, p99, max } = latency
  return [
    ['{quantile="0.5"}', p50 / 1000],
    ['{quantile="0.9"}', p90 / 1000],
    ['{quantile="0.99"}', p99 / 1000],
    ['{quantile="1"}', max / 1000],
  ]
}

/** The text that `GET /metrics` answers. */
export function prometheusText({ bots, servers, latency, unreachable }: LoadFrame): string {
  const answers = servers.map(({ pod, version, answered }): [string, number] => [
    `{pod=${label(pod)},version=${label(version)}}`,
    answered,
  ])
  return [
    ...PER_BOT.map(([name, type, help, value]) =>
      metric(
        name,
        type,
        help,
        bots.map((bot) => [`{pod=${label(bot.pod)}}`, value(bot)]),
      ),
    ),
    metric(
      'podium_requests_failed_total',
      'counter',
      'Failed requests by cause.',
      failuresOf(bots),
    ),
    metric('podium_server_answers_total', 'counter', 'Answers given, by server.', answers),
    metric(
      'podium_request_latency_seconds',
      'gauge',
      'Latency over the last second.',
      quantilesOf(latency),
    ),
    metric('podium_loadbots_unreachable', 'gauge', 'Loadbots that do not answer.', [
      ['', unreachable.length],
    ]),
  ].join('')
}
