// The browser's half of the build: client/ becomes dist/client/.
import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [react()],
  build: {
    outDir: '../dist/client',
    emptyOutDir: true,
    target: 'es2022',
    // Fonts stay files of their own, so that the browser takes only the scripts it shows.
    assetsInlineLimit: 0,
  },
})
