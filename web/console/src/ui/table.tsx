import { useVirtualizer } from '@tanstack/react-virtual'
import { useRef, type ReactNode } from 'react'
import { useT } from '../i18n'
import { Button } from './button'
import { Checkbox } from './fields'
import { useNarrow } from './narrow'
import css from './table.module.css'

/** Column of a table. `main` is the one that says what the row is: on a phone it stands above the others. */
export type Column<R> = { id: string; name: string; width: string; main?: boolean; end?: boolean; show: (row: R) => ReactNode }

type Props<R> = {
  label: string
  columns: Column<R>[]
  rows: R[]
  idOf: (row: R) => string
  nameOf?: (row: R) => string
  more?: () => void
  loading?: boolean
  chosen?: Set<string>
  onChoose?: (chosen: Set<string>) => void
}

/** Table is a list of things as a table, of which only what is in view is in the document; on a phone it is a list of cards. */
export function Table<R>(props: Props<R>) {
  const narrow = useNarrow()
  return (
    <div className={css.frame}>
      {narrow ? <Cards {...props} /> : <Grid {...props} />}
      {props.more && <More more={props.more} loading={props.loading} />}
    </div>
  )
}

function More({ more, loading }: { more: () => void; loading?: boolean }) {
  const t = useT()
  return <div className={`${css.more} noprint`}><Button size="small" onPress={more} isPending={loading}>{t('加载更多', 'Load more')}</Button></div>
}

function toggled(chosen: Set<string>, id: string) {
  const next = new Set(chosen)
  if (!next.delete(id)) next.add(id)
  return next
}

function Grid<R>({ label, columns, rows, idOf, nameOf, chosen, onChoose }: Props<R>) {
  const t = useT()
  const frame = useRef<HTMLDivElement>(null)
  const printing = matchMedia('print').matches
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => frame.current, estimateSize: () => 41, overscan: printing ? rows.length : 12 })
  const grid = { gridTemplateColumns: `${onChoose ? '44px ' : ''}${columns.map((c) => c.width).join(' ')}` }
  const all = rows.length > 0 && rows.every((r) => chosen?.has(idOf(r)))
  return (
    <div className={css.scroll} ref={frame} role="table" aria-label={label} aria-rowcount={rows.length + 1} tabIndex={0}>
      <div role="rowgroup">
        <div className={css.head} style={grid} role="row" aria-rowindex={1}>
          {onChoose && (
            <span role="columnheader">
              <Checkbox aria-label={t('全选', 'Select all')} isSelected={all} isIndeterminate={!all && !!chosen?.size} onChange={() => onChoose(all ? new Set() : new Set(rows.map(idOf)))} />
            </span>
          )}
          {columns.map((c) => <span key={c.id} role="columnheader" className={c.end ? css.end : undefined}>{c.name}</span>)}
        </div>
      </div>
      <div className={css.body} role="rowgroup" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index]!
          const id = idOf(row)
          return (
            <div key={id} role="row" aria-rowindex={item.index + 2} aria-selected={chosen?.has(id)} className={css.row}
              style={{ ...grid, position: 'absolute', top: 0, left: 0, right: 0, height: item.size, transform: `translateY(${item.start}px)` }}>
              {onChoose && (
                <span role="cell"><Checkbox aria-label={t('选择', 'Select') + ' ' + (nameOf?.(row) ?? id)} isSelected={chosen?.has(id) ?? false} onChange={() => onChoose(toggled(chosen ?? new Set(), id))} /></span>
              )}
              {columns.map((c) => <span key={c.id} role="cell" className={c.end ? css.end : undefined}>{c.show(row)}</span>)}
            </div>
          )
        })}
      </div>
    </div>
  )
}

function Cards<R>({ label, columns, rows, idOf, nameOf, chosen, onChoose }: Props<R>) {
  const t = useT()
  const main = columns.find((c) => c.main) ?? columns[0]!
  return (
    <ul className={css.cards} aria-label={label}>
      {rows.map((row) => {
        const id = idOf(row)
        return (
          <li key={id} className={css.cardRow}>
            <div className={css.cardTop}>
              <div>{main.show(row)}</div>
              {onChoose && <Checkbox aria-label={t('选择', 'Select') + ' ' + (nameOf?.(row) ?? id)} isSelected={chosen?.has(id) ?? false} onChange={() => onChoose(toggled(chosen ?? new Set(), id))} />}
            </div>
            <div className={css.cardFacts}>{columns.filter((c) => c !== main).map((c) => <span key={c.id}>{c.show(row)}</span>)}</div>
          </li>
        )
      })}
    </ul>
  )
}
