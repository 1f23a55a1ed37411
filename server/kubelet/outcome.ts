/** How a probe or a lifecycle hook came out. */
export interface Outcome {
  success: boolean
  /** Why not; on success, empty. */
  message: string
}
