import { Chart } from '../map/maplibre'
import { Minus, Plus } from 'lucide-react'
import { useEffect, useEffectEvent, useRef, useState } from 'react'
import { useT } from '../i18n'
import { colours } from '../map/colours'
import { useShade } from '../app/theme'
import { Button } from '../ui'
import { picture, type Spot } from './style'
import css from './public.module.css'

export type View = { bbox: [number, number, number, number]; zoom: number }

type Props = {
  cell?: string
  place?: Spot
  ticket?: string
  /** Where the map is to look. A new object moves it. */
  look: { at: Spot; zoom: number }
  onPlace: (at: Spot) => void
  onTicket: (id: string) => void
  onView: (view: View) => void
}

/** PublicMap shows what anybody may see, and takes a place by a tap. It comes late: the page beside it works without. */
export default function PublicMap({ cell, place, ticket, look, onPlace, onTicket, onView }: Props) {
  const t = useT()
  const shade = useShade()
  const frame = useRef<HTMLDivElement>(null)
  const [chart, setChart] = useState<Chart>()
  const style = useEffectEvent(() => picture(colours(), cell, place, ticket))
  const open = useEffectEvent((container: HTMLDivElement) => new Chart({
    container, style: style(), center: [look.at.lon, look.at.lat], zoom: look.zoom, minZoom: 8, maxZoom: 19,
    attributionControl: false, dragRotate: false, pitchWithRotate: false, touchPitch: false, locale: { 'Map.Title': t('身边的网格地图', 'Map of the grid around you') },
  }))
  const pick = useEffectEvent((c: Chart, x: number, y: number, at: Spot) => {
    const near = c.queryRenderedFeatures([[x - 6, y - 6], [x + 6, y + 6]], { layers: ['tickets-one', 'tickets-many'] })[0]
    if (near?.properties.id) return onTicket(String(near.properties.id))
    if (near?.geometry.type === 'Point') return void c.easeTo({ center: near.geometry.coordinates as [number, number], zoom: Math.min(c.getZoom() + 2, 17) })
    onPlace(at)
  })
  const tell = useEffectEvent((c: Chart) => {
    const b = c.getBounds()
    onView({ bbox: [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()], zoom: c.getZoom() })
  })

  useEffect(() => {
    const c = open(frame.current!)
    c.touchZoomRotate.disableRotation()
    c.keyboard.disableRotation()
    c.on('click', (e) => pick(c, e.point.x, e.point.y, { lon: e.lngLat.lng, lat: e.lngLat.lat }))
    c.on('moveend', () => tell(c))
    c.once('style.load', () => {
      setChart(c)
      tell(c)
    })
    return () => c.remove()
  }, [])
  useEffect(() => chart?.setStyle(style(), { diff: true, validate: false }) && undefined, [chart, shade, cell, place, ticket])
  useEffect(() => void chart?.easeTo({ center: [look.at.lon, look.at.lat], zoom: look.zoom, duration: 500 }), [chart, look])

  const here = () => {
    const centre = chart?.getCenter()
    if (centre) onPlace({ lon: centre.lng, lat: centre.lat })
  }
  return (
    <div className={css.map}>
      <div className={css.chart} ref={frame} />
      <div className={css.zoom}>
        <Button icon aria-label={t('放大', 'Zoom in')} onPress={() => chart?.zoomIn()}><Plus size={18} /></Button>
        <Button icon aria-label={t('缩小', 'Zoom out')} onPress={() => chart?.zoomOut()}><Minus size={18} /></Button>
      </div>
      {/* Who has no pointer moves the map by its keys and takes its middle. */}
      <Button className={css.middle} size="small" onPress={here}>{t('选地图中央', 'Take the middle of the map')}</Button>
    </div>
  )
}
