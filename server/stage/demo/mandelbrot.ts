// The scene of work that ends: an Indexed Job whose pods paint one band each of a picture everybody knows.
import type { Job } from '../../../shared/kubernetes/batch.ts'

/** A band a pod; as many side by side as the hall can follow. */
const TILES = 20
const PARALLEL = 4

/**
 * The Job. Each pod leaves `{"mandelbrot": {width, height, first, rows, pixels}}` as its termination message, `pixels` one
 * base64 letter (64 shades, `A` is the set) for each of its pixels. Deleting the Job leaves the cluster as it was.
 */
export function mandelbrotJob(namespace: string): Job {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'mandelbrot', namespace, labels: { run: 'mandelbrot' } },
    spec: {
      completions: TILES,
      parallelism: PARALLEL,
      completionMode: 'Indexed',
      backoffLimit: 6,
      template: {
        metadata: { labels: { run: 'mandelbrot' } },
        spec: {
          restartPolicy: 'Never',
          containers: [
            {
              name: 'mandelbrot',
              image: 'podium/mandelbrot:v1',
              args: ['--tiles', String(TILES), '--width', '320', '--height', '200'],
              resources: { requests: { cpu: '50m', memory: '32Mi' } },
            },
          ],
        },
      },
    },
  }
}
