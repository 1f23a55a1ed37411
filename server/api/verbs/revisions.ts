// Resource versions as callers write them.
import { ApiError, badRequest } from '../../../shared/status.ts'

/**
 * The revision a resourceVersion stands for; absent and '' are 0.
 * @throws ApiError 400
 */
export function parseRevision(text: string | undefined): number {
  if (!text) return 0
  const revision = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(revision)) {
    throw badRequest(`Invalid value: ${JSON.stringify(text)}: invalid resource version`)
  }
  return revision
}

/** Somebody asks for what has not been written yet (apiserver's NewTooLargeResourceVersionError). */
export function futureRevision(wanted: number, current: number): ApiError {
  const message = `Too large resource version: ${wanted}, current: ${current}`
  return new ApiError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `Timeout: ${message}`,
    reason: 'Timeout',
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
    code: 504,
  })
}
