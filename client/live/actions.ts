// Asking the stage to do something.
import type { Action, ActionResult } from '../../shared/stage.ts'

const NO_ANSWER = 'The stage does not answer. Is Podium still running?'

/**
 * Sends one action to the stage at `url` ('' is the page's own origin).
 * @throws Error whose message is a sentence for people: why it was refused, or that nobody answers.
 */
export async function postAction(
  url: string,
  action: Action,
  headers: Record<string, string> = {},
): Promise<ActionResult> {
  let response: Response
  try {
    response = await fetch(`${url}/api/actions`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(action),
    })
  } catch (cause) {
    throw new Error(NO_ANSWER, { cause })
  }
  const said = (await response.json().catch(() => null)) as ActionResult & { message?: string }
  if (response.ok && said) return said
  throw new Error(said?.message ?? `The stage answered ${response.status}.`)
}
