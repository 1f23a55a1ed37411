// What either end of a connection accepts before it calls the other one broken.

/** Bytes of a request line or status line and its header fields together; Node's own HTTP parser has the same limit. */
export const MAX_HEAD_BYTES = 16 * 1024

/** Bytes of a body that is read only to be thrown away. */
export const MAX_BODY_BYTES = 8 * 1024 * 1024
