package handlers

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"strings"

	"wangge/domain"
	"wangge/domain/access"
	"wangge/domain/ids"
	"wangge/domain/intake"
	"wangge/domain/photo"
	"wangge/handlers/web"
	"wangge/handlers/wire"
)

// photoOut is an uploaded picture.
type photoOut struct {
	ID        string    `json:"id"`
	Width     int       `json:"width"`
	Height    int       `json:"height"`
	CreatedAt wire.Time `json:"createdAt"`
}

func uploadPhoto(r *apiRequest) (*web.Reply, error) {
	content, err := r.file()
	if err != nil {
		return nil, err
	}
	id, blobs := ids.New(), [2]string{ids.New(), ids.New()}
	p, err := r.Photos.Add(r.Ctx, r.Actor, r.Now, id, blobs, content)
	if err != nil {
		return nil, err
	}
	out, err := photoByID(r, p.ID)
	if err != nil {
		return nil, err
	}
	out.Status, out.Made = 201, web.Resource{Kind: "photo", ID: p.ID}
	return out, nil
}

// file reads the one part named "file" of a multipart body.
func (r *apiRequest) file() ([]byte, error) {
	_, params, err := mime.ParseMediaType(r.Header("Content-Type"))
	if err != nil || params["boundary"] == "" {
		return nil, web.Malformed("multipart 缺少 boundary", "the multipart body has no boundary")
	}
	parts := multipart.NewReader(bytes.NewReader(r.Body), params["boundary"])
	var content []byte
	for {
		part, err := parts.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, web.Malformed("multipart 内容有误", "the multipart body is broken")
		}
		if part.FormName() != "file" {
			return nil, domain.Invalid(web.Below("", strings.ToValidUTF8(part.FormName(), "\ufffd")), domain.T("未知的字段", "unknown field"))
		}
		if fault := domain.TextFault(part.FileName(), false); fault != (domain.Text{}) {
			return nil, domain.Invalid("/file", fault)
		}
		if content != nil {
			return nil, domain.Invalid("/file", domain.T("一次只能上传一张", "one picture at a time"))
		}
		if content, err = io.ReadAll(part); err != nil {
			return nil, web.Malformed("multipart 内容有误", "the multipart body is broken")
		}
	}
	if len(content) == 0 {
		return nil, domain.Invalid("/file", domain.T("请选择照片", "a picture is required"))
	}
	return content, nil
}

func photoByID(r *apiRequest, id string) (*web.Reply, error) {
	p, err := r.visiblePhoto(id)
	if err != nil {
		return nil, err
	}
	return web.OK(photoOut{p.ID, p.Width, p.Height, wire.Time(p.At)}), nil
}

// visiblePhoto: a loose photo is its uploader's; an attached one is for whoever sees what it is attached to.
func (r *apiRequest) visiblePhoto(id string) (*photo.Photo, error) {
	p, err := r.Photos.Get(r.Ctx, id)
	if err != nil {
		return nil, err
	}
	switch p.Owner.Kind {
	case "":
		if p.Uploader != r.Actor.Account {
			return nil, domain.ErrNotFound
		}
	case "ticket":
		if err := r.Tickets.SeesPhotos(r.Ctx, r.Actor, p.Owner.ID); err != nil {
			return nil, err
		}
	case "stop":
		if _, err := r.Stops.Get(r.Ctx, r.Actor, p.Owner.ID); err != nil {
			return nil, err
		}
	case "qualification":
		if _, err := r.Qualifications.Get(r.Ctx, r.Actor, p.Owner.ID); err != nil {
			return nil, err
		}
	case intake.PhotoOwner:
		if p.Uploader == r.Actor.Account {
			if _, err := r.Cases.GetOwn(r.Ctx, r.Actor, p.Owner.ID); !errors.Is(err, domain.ErrNotFound) {
				return p, err
			}
		}
		if _, shown, err := r.Cases.Get(r.Ctx, r.Actor, p.Owner.ID); err != nil || shown != access.CaseWhole {
			return nil, cmp.Or(err, domain.ErrNotFound)
		}
	default:
		return nil, domain.ErrNotFound
	}
	return p, nil
}

func getPhoto(r *apiRequest) (*web.Reply, error) {
	size, given := r.Query.Find("size")
	if given && size != "full" && size != "thumb" {
		return nil, web.BadWord("size", sizeWords)
	}
	p, err := r.visiblePhoto(r.Param("id"))
	if err != nil {
		return nil, err
	}
	content, err := r.Photos.Open(r.Ctx, p, size == "thumb")
	if err != nil {
		return nil, err
	}
	defer content.Close()
	picture, err := io.ReadAll(content)
	if err != nil {
		return nil, err
	}
	r.Vary("Authorization") // what one person's program keeps is not another's
	return &web.Reply{Status: 200, Raw: picture, ContentType: "image/jpeg", Cache: "private, max-age=3600"}, nil
}
