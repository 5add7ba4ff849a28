import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// The console is served by wangge itself, under /console, with the public page /map beside it. Nothing is inlined: the
// content security policy allows no script and no style that is not a file of this server.
export default defineConfig({
  base: '/console/',
  plugins: [react()],
  build: {
    outDir: '../built/console',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
    rolldownOptions: { input: { index: 'index.html', map: 'map.html' } },
  },
  worker: { format: 'es' },
  // `npm run dev` beside a running server.
  server: {
    proxy: Object.fromEntries(
      ['/v1', '/tiles', '/public', '/ogc', '/docs', '/openapi.yaml'].map((path) => [path, { target: process.env.WANGGE ?? 'http://127.0.0.1:8080', changeOrigin: false }]),
    ),
  },
})
