// MapLibre as both pages use it: its worker is a file of this server's, as the content security policy asks, and its styles
// come before those of who imports this.
import { setWorkerUrl } from 'maplibre-gl'
import 'maplibre-gl/dist/maplibre-gl.css'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url'

setWorkerUrl(workerUrl)

export { Map as Chart, prewarm } from 'maplibre-gl'
export type { MapGeoJSONFeature, MapMouseEvent } from 'maplibre-gl'
