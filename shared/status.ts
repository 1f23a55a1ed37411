// The errors of the API: metav1.Status, and one constructor per reason. Texts are Kubernetes' own
// (apimachinery/pkg/api/errors/errors.go), because people and tools recognise them.

export interface StatusCause {
  /** FieldValueInvalid, FieldValueRequired, FieldValueNotSupported, FieldValueDuplicate, FieldValueForbidden … */
  reason?: string
  message?: string
  field?: string
}

export interface Status {
  kind: 'Status'
  apiVersion: 'v1'
  metadata: Record<string, never>
  status: 'Success' | 'Failure'
  message?: string
  reason?: string
  details?: {
    name?: string
    group?: string
    kind?: string
    uid?: string
    causes?: StatusCause[]
    retryAfterSeconds?: number
  }
  code?: number
}

/** Thrown by every KubeClient call that fails. `message` is fit to show to a person. */
export class ApiError extends Error {
  readonly status: Status
  constructor(status: Status) {
    super(status.message ?? status.reason ?? 'unknown error')
    this.name = 'ApiError'
    this.status = status
  }
  get code(): number {
    return this.status.code ?? 500
  }
  get reason(): string {
    return this.status.reason ?? ''
  }
}

/** What an error is about: the plural resource and its group, as in `pods "x" not found`. */
export interface ErrorSubject {
  plural: string
  group?: string
  kind?: string
}

function failure(
  code: number,
  reason: string,
  message: string,
  details?: Status['details'],
): ApiError {
  return new ApiError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    ...(details && { details }),
    code,
  })
}

function qualified({ plural, group }: ErrorSubject): string {
  return group ? `${plural}.${group}` : plural
}

function about(subject: ErrorSubject, name: string): NonNullable<Status['details']> {
  return { name, ...(subject.group && { group: subject.group }), kind: subject.plural }
}

export function notFound(subject: ErrorSubject, name: string): ApiError {
  return failure(404, 'NotFound', `${qualified(subject)} "${name}" not found`, about(subject, name))
}

/** No such path or kind (what kubectl prints as "the server could not find the requested resource"). */
export function noSuchPath(): ApiError {
  return failure(404, 'NotFound', 'the server could not find the requested resource', {})
}

export function alreadyExists(subject: ErrorSubject, name: string): ApiError {
  return failure(
    409,
    'AlreadyExists',
    `${qualified(subject)} "${name}" already exists`,
    about(subject, name),
  )
}

export function conflict(subject: ErrorSubject, name: string, why: string): ApiError {
  return failure(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(subject)} "${name}": ${why}`,
    about(subject, name),
  )
}

/** 422: the object is well-formed but its values are not allowed; one cause per field. */
export function invalid(
  subject: { kind: string; group?: string },
  name: string,
  causes: StatusCause[],
): ApiError {
  const qualifiedKind = subject.group ? `${subject.kind}.${subject.group}` : subject.kind
  const texts = causes.map((cause) => `${cause.field}: ${cause.message}`)
  const list = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`
  return failure(422, 'Invalid', `${qualifiedKind} "${name}" is invalid: ${list}`, {
    name,
    ...(subject.group && { group: subject.group }),
    kind: subject.kind,
    causes,
  })
}

export function badRequest(message: string): ApiError {
  return failure(400, 'BadRequest', message)
}

export function unauthorized(): ApiError {
  return failure(401, 'Unauthorized', 'Unauthorized')
}

export function forbidden(subject: ErrorSubject, name: string, why: string): ApiError {
  const what = name ? `${qualified(subject)} "${name}"` : qualified(subject)
  return failure(403, 'Forbidden', `${what} is forbidden: ${why}`, about(subject, name))
}

export function methodNotSupported(subject: ErrorSubject, action: string): ApiError {
  return failure(
    405,
    'MethodNotAllowed',
    `${action} is not supported on resources of kind "${qualified(subject)}"`,
    about(subject, ''),
  )
}

/** The asked-for revision has been compacted away: list again. */
export function gone(message: string): ApiError {
  return failure(410, 'Expired', message)
}

export function unsupportedMediaType(message: string): ApiError {
  return failure(415, 'UnsupportedMediaType', message)
}

export function tooLarge(message: string): ApiError {
  return failure(413, 'RequestEntityTooLarge', message)
}

export function unavailable(message: string): ApiError {
  return failure(503, 'ServiceUnavailable', message)
}

/** A thing Kubernetes has and Podium does not: refused by name, never ignored. */
export function notImplemented(what: string): ApiError {
  return failure(501, 'NotImplemented', `${what} is not implemented by Podium`)
}

export function internal(message: string): ApiError {
  return failure(500, 'InternalError', `Internal error occurred: ${message}`)
}

export function isApiError(error: unknown, reason?: string): error is ApiError {
  return error instanceof ApiError && (reason === undefined || error.reason === reason)
}
export const isNotFound = (error: unknown): boolean => isApiError(error, 'NotFound')
export const isConflict = (error: unknown): boolean => isApiError(error, 'Conflict')
export const isAlreadyExists = (error: unknown): boolean => isApiError(error, 'AlreadyExists')
export const isGone = (error: unknown): boolean => error instanceof ApiError && error.code === 410
