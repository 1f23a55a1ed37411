// Follows one request: a loadbot sends a real one, and what it measured is laid beside the rules that were in force.
import { pods } from '../../shared/kubernetes/kinds.ts'
import { splitKey } from '../../shared/kubernetes/meta.ts'
import type { KubeClient } from '../../shared/client.ts'
import type { TracedRequest } from '../../shared/load.ts'
import type { PodView, ServiceRules, TraceView } from '../../shared/stage.ts'
import { ApiError, unavailable } from '../../shared/status.ts'
import type { Cast } from './cast.ts'

/** Where loadbots report and are asked. */
const LOADBOT_PORT = 8080
const MAX_ANSWER = 65_536

export interface TraceDeps {
  client: Pick<KubeClient, 'stream'>
  cast: Cast | null
  pods: () => readonly PodView[]
  /** What is in force for a service (`namespace/name`). */
  rules: (service: string) => readonly ServiceRules[]
  /** 0 ≤ x < 1: chooses the loadbot. */
  random: () => number
}

/**
 * Has one loadbot send one request, and answers what was measured.
 * @throws ApiError 409 when there is no loadbot to send it, 503 when it did not get an answer
 */
export async function traceRequest(deps: TraceDeps): Promise<TraceView> {
  const { cast } = deps
  const bots = deps.pods().filter(({ role, state }) => role === 'loadbot' && state === 'ready')
  const bot = bots[Math.floor(deps.random() * bots.length)]
  if (!cast || !bot) throw nobody()
  const service = `${cast.namespace}/${cast.service}`
  // Read before and after: only what held throughout is known to have led it.
  const before = deps.rules(service)
  const traced = await askBot(deps, bot)
  const after = deps.rules(service)
  return viewOf(traced, { bot, service, before, after, pods: deps.pods() })
}

function nobody(): ApiError {
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure' } as const
  const message = 'There is no loadbot that could send a request.'
  return new ApiError({ ...status, reason: 'Conflict', message, code: 409 })
}

async function askBot({ client }: TraceDeps, bot: PodView): Promise<TracedRequest> {
  const { namespace } = splitKey(bot.key)
  const name = `${bot.name}:${LOADBOT_PORT}`
  const { status, body } = await client.stream(
    pods,
    { namespace, name },
    { method: 'POST', path: 'proxy/trace' },
  )
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > MAX_ANSWER) break
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks).toString()
  if (status !== 200)
    throw unavailable(`The request of ${bot.name} was not answered: ${whyIn(text)}`)
  return JSON.parse(text) as TracedRequest
}

function whyIn(text: string): string {
  try {
    const { error } = JSON.parse(text) as { error?: unknown }
    return typeof error === 'string' ? error : text
  } catch {
    return text.slice(0, 200)
  }
}

function viewOf(
  traced: TracedRequest,
  context: {
    bot: PodView
    service: string
    before: readonly ServiceRules[]
    after: readonly ServiceRules[]
    pods: readonly PodView[]
  },
): TraceView {
  const { bot, service, before, after } = context
  const pod = context.pods.find(({ name, role }) => role === 'server' && name === traced.pod)
  const rules = before.find(({ address }) => address === traced.to)
  const isSame =
    JSON.stringify(rules) === JSON.stringify(after.find((one) => one.address === traced.to))
  const place = rules?.rules.findIndex(({ target }) => hostOf(target) === pod?.ip) ?? -1
  const rule = isSame ? rules?.rules[place] : undefined
  return {
    ...traced,
    namespace: splitKey(service).namespace ?? '',
    bot: bot.name,
    botNode: bot.node,
    service: splitKey(service).name,
    mode: rules && isSame ? rules.mode : null,
    rule: rule ? { ...rule, place: place + 1, of: rules!.rules.length } : null,
    node: pod?.node ?? null,
    podAddress: rule?.target ?? pod?.ip ?? null,
  }
}

/** `127.72.3.1:80` → `127.72.3.1`. */
function hostOf(target: string): string {
  return target.slice(0, target.lastIndexOf(':'))
}
