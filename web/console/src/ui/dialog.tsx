import { X } from 'lucide-react'
import { type ReactNode } from 'react'
import { Dialog as Base, Heading, Modal, ModalOverlay } from 'react-aria-components'
import { useT } from '../i18n'
import { Button } from './button'
import css from './ui.module.css'

/** Dialog asks for something over the page. Without onClose it cannot be put away. */
export function Dialog({ title, children, foot, onClose, wide, role }: { title: string; children: ReactNode; foot?: ReactNode; onClose?: () => void; wide?: boolean; role?: 'dialog' | 'alertdialog' }) {
  const t = useT()
  return (
    <ModalOverlay className={css.scrim} isOpen onOpenChange={(open) => !open && onClose?.()} isDismissable={false} isKeyboardDismissDisabled={!onClose}>
      <Modal className={`${css.modal} ${wide ? css.modalWide : ''}`}>
        <Base className={css.dialog} role={role}>
          <div className={css.dialogHead}>
            <Heading slot="title" level={2}>{title}</Heading>
            {onClose && <Button variant="quiet" icon size="small" aria-label={t('关闭', 'Close')} onPress={onClose}><X size={18} /></Button>}
          </div>
          <div className={css.dialogBody}>{children}</div>
          {foot && <div className={css.dialogFoot}>{foot}</div>}
        </Base>
      </Modal>
    </ModalOverlay>
  )
}
