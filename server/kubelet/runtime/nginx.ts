// The configuration that the image nginx brings: one server on the pod's address, the same paths as Podium's own `web`.
import { parseImage } from '../../../shared/images.ts'

/** A quoted nginx string: its own quote, backslash and variables are made harmless. */
function quoted(text: string): string {
  return `"${text.replace(/[^\x20-\x7e]|["\\$]/g, '')}"`
}

/**
 * nginx.conf for one container.
 * @param env the container's environment: POD_IP, POD_NAME, PODIUM_IMAGE and PORT (default 80) are used.
 * @param scratch a directory of the container's own, for nginx's temporary files.
 */
export function nginxConfiguration(env: Readonly<Record<string, string>>, scratch: string): string {
  const version = parseImage(env['PODIUM_IMAGE'] ?? 'nginx').tag
  const pod = env['POD_NAME'] ?? ''
  const port = Number(env['PORT'] ?? 80) || 80
  // The same from every pod of a version, for loadbots hold every body against the version's first.
  const page = `<!doctype html><title>nginx ${version}</title><h1>nginx ${version}</h1>`
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return `daemon off;
worker_processes 1;
pid ${quoted(`${scratch}/nginx.pid`)};
error_log stderr warn;
events { worker_connections 4096; multi_accept on; }
http {
  access_log off;
  server_tokens off;
  keepalive_requests 1000000000;
  keepalive_time 24h;
${temporary.map((name) => `  ${name}_temp_path ${quoted(`${scratch}/${name}`)};`).join('\n')}
  default_type text/html;
  server {
    listen ${env['POD_IP'] ?? '127.0.0.1'}:${port};
    add_header X-Pod ${quoted(pod)} always;
    add_header X-Version ${quoted(version)} always;
    location / { return 404; }
    location = / { return 200 ${quoted(page)}; }
    location = /-/ready { default_type text/plain; return 200 "ok"; }
    location = /-/status { stub_status; }
    location = /-/stats {
      default_type application/json;
      return 200 '{"connections":$connections_active}';
    }
  }
}
`
}
