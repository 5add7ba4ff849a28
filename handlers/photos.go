package handlers

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"wangge/domain"
	"wangge/domain/photo"
	"wangge/handlers/wire"
)

// photoOut is an uploaded picture.
type photoOut struct {
	ID        string    `json:"id"`
	Width     int       `json:"width"`
	Height    int       `json:"height"`
	CreatedAt wire.Time `json:"createdAt"`
}

func uploadPhoto(r *request) (*reply, error) {
	content, err := r.file()
	if err != nil {
		return nil, err
	}
	id, err := r.chosen("")
	if err != nil {
		return nil, err
	}
	blobs := [2]string{uuid.Must(uuid.NewV7()).String(), uuid.Must(uuid.NewV7()).String()}
	p, err := photo.Add(r.ctx, r.Store, r.actor, r.now, id, blobs, content)
	if err != nil {
		return nil, err
	}
	out, err := photoByID(r, p.ID)
	if err != nil {
		return nil, err
	}
	out.status, out.made = 201, resource{"photo", p.ID}
	return out, nil
}

// file reads the one part named "file" of a multipart body.
func (r *request) file() ([]byte, error) {
	_, params, err := mime.ParseMediaType(r.c.Get(fiber.HeaderContentType))
	if err != nil || params["boundary"] == "" {
		return nil, malformed("multipart 缺少 boundary", "the multipart body has no boundary")
	}
	parts := multipart.NewReader(bytes.NewReader(r.body), params["boundary"])
	var content []byte
	for {
		part, err := parts.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, malformed("multipart 内容有误", "the multipart body is broken")
		}
		if part.FormName() != "file" {
			return nil, domain.Invalid(below("", strings.ToValidUTF8(part.FormName(), "\ufffd")), domain.T("未知的字段", "unknown field"))
		}
		if fault := domain.TextFault(part.FileName(), false); fault != (domain.Text{}) {
			return nil, domain.Invalid("/file", fault)
		}
		if content != nil {
			return nil, domain.Invalid("/file", domain.T("一次只能上传一张", "one picture at a time"))
		}
		if content, err = io.ReadAll(part); err != nil {
			return nil, malformed("multipart 内容有误", "the multipart body is broken")
		}
	}
	if len(content) == 0 {
		return nil, domain.Invalid("/file", domain.T("请选择照片", "a picture is required"))
	}
	return content, nil
}

func photoByID(r *request, id string) (*reply, error) {
	p, err := r.visiblePhoto(id)
	if err != nil {
		return nil, err
	}
	return ok(photoOut{p.ID, p.Width, p.Height, wire.Time(p.At)}), nil
}

// visiblePhoto: a loose photo is its uploader's; an attached one is for whoever sees what it is attached to.
func (r *request) visiblePhoto(id string) (*photo.Photo, error) {
	p, err := photo.Get(r.ctx, r.Store, id)
	if err != nil {
		return nil, err
	}
	switch p.Owner.Kind {
	case "":
		if p.Uploader != r.actor.Account {
			return nil, domain.ErrNotFound
		}
	case "ticket":
		if _, _, err := r.Tickets.Get(r.ctx, r.actor, p.Owner.ID); err != nil {
			return nil, err
		}
	case "stop":
		if _, err := r.Visits.Stop(r.ctx, r.actor, p.Owner.ID); err != nil {
			return nil, err
		}
	default:
		return nil, domain.ErrNotFound
	}
	return p, nil
}

func getPhoto(r *request) (*reply, error) {
	size, given := r.query.find("size")
	if given && size != "full" && size != "thumb" {
		return nil, badWord("size", sizeWords)
	}
	p, err := r.visiblePhoto(r.c.Params("id"))
	if err != nil {
		return nil, err
	}
	content, err := p.Open(r.ctx, r.Store, size == "thumb")
	if err != nil {
		return nil, err
	}
	defer content.Close()
	picture, err := io.ReadAll(content)
	if err != nil {
		return nil, err
	}
	r.c.Vary(fiber.HeaderAuthorization) // what one person's program keeps is not another's
	return &reply{status: 200, raw: picture, contentType: "image/jpeg", cache: "private, max-age=3600"}, nil
}
