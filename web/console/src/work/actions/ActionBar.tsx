import { Ellipsis } from 'lucide-react'
import { useState } from 'react'
import { Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components'
import { useActionName } from '../../api/words'
import { useT } from '../../i18n'
import { Button } from '../../ui'
import { useNarrow } from '../../ui/narrow'
import ui from '../../ui/ui.module.css'
import { type Ticket } from '../ticket'
import css from '../work.module.css'
import { ActionDialog } from './ActionDialog'
import { type Action } from './fields'
import { ahead, forms, inOrder } from './forms'

/** ActionBar is all that the reader may do with a ticket now; on a phone it stays at the thumb. */
export function ActionBar({ ticket }: { ticket: Ticket }) {
  const t = useT()
  const name = useActionName()
  const narrow = useNarrow()
  const [open, setOpen] = useState<Action>()
  const actions = inOrder(ticket.allowed)
  const shown = narrow ? actions.slice(0, actions.length > 3 ? 2 : 3) : actions
  const rest = actions.slice(shown.length)
  return (
    <>
      {actions.length > 0 && (
        <div className={`${css.actions} noprint`} role="group" aria-label={t('可办理的操作', 'What you can do')}>
          {shown.map((a, i) => (
            <Button key={a} variant={i === 0 && ahead.includes(a) ? 'primary' : forms[a].grave ? 'danger' : 'plain'} onPress={() => setOpen(a)}>{name(a)}</Button>
          ))}
          {rest.length > 0 && (
            <MenuTrigger>
              <Button aria-label={t('更多操作', 'More to do')}><Ellipsis size={18} aria-hidden /></Button>
              <Popover className={ui.popover} placement="top end">
                <Menu aria-label={t('更多操作', 'More to do')} onAction={(k) => setOpen(k as Action)}>{rest.map((a) => <MenuItem key={a} id={a} className={ui.option}>{name(a)}</MenuItem>)}</Menu>
              </Popover>
            </MenuTrigger>
          )}
        </div>
      )}
      {open && <ActionDialog key={open} ticket={ticket} action={open} onClose={() => setOpen(undefined)} />}
    </>
  )
}
