// Answers of the API as they reach the browser: JSON, or the Status of a failure.
import { ApiError, unavailable } from '../../../shared/status.ts'
import type { Status } from '../../../shared/status.ts'

/** The ApiError that an answer with a failure's code stands for: its Status, or else the code and the text. */
export function errorOf(code: number, text: string): ApiError {
  return new ApiError({
    metadata: {},
    message: text.slice(0, 500) || `the cluster answered ${code}`,
    reason: '',
    code,
    ...statusIn(text),
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
  })
}

function statusIn(text: string): Partial<Status> | undefined {
  try {
    const parsed = JSON.parse(text) as Partial<Status> | null
    return parsed?.kind === 'Status' ? parsed : undefined
  } catch {
    return undefined
  }
}

/** What is thrown when nobody answers at all. */
export function unreachable(): ApiError {
  return unavailable('The cluster does not answer. Is Podium still running?')
}
