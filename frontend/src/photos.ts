import { say } from "./words";

const LONGEST_SIDE = 2560;
const QUALITY = 0.86;

/** Photo fields: pick several times, see what is chosen, take one away; large ones are made smaller before sending. */
export function preparePhotos(root: ParentNode): void {
  for (const field of root.querySelectorAll<HTMLElement>("[data-photos]")) {
    if (!field.dataset.ready) new PhotoField(field);
  }
}

class PhotoField {
  private readonly input: HTMLInputElement;
  private readonly list: HTMLElement;
  private readonly most: number;
  private files: File[] = [];
  private work: Promise<void> = Promise.resolve();
  private busy = false;

  constructor(private readonly field: HTMLElement) {
    field.dataset.ready = "yes";
    this.input = field.querySelector("input[type=file]") as HTMLInputElement;
    this.list = field.querySelector("[data-photo-list]") as HTMLElement;
    this.most = Number(field.dataset.max ?? "6");
    this.input.addEventListener("change", () => {
      const chosen = [...(this.input.files ?? [])];
      this.work = this.work.then(() => this.add(chosen));
    });
    this.input.form?.addEventListener("submit", (event) => this.hold(event), true);
  }

  /** Sent before the last photo was made smaller: wait for it, then send. */
  private hold(event: SubmitEvent): void {
    if (!this.busy) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    void this.work.then(() => this.input.form?.requestSubmit(event.submitter));
  }

  private async add(chosen: File[]): Promise<void> {
    this.busy = true;
    this.field.setAttribute("aria-busy", "true");
    const room = this.most - this.files.length;
    for (const file of chosen.slice(0, room)) this.files.push(await smaller(file));
    this.busy = false;
    this.field.removeAttribute("aria-busy");
    this.show();
    if (chosen.length > room) {
      const note = document.createElement("li");
      note.className = "photo-note";
      note.textContent = say(`最多 ${this.most} 张,多出的没有加入。`, `At most ${this.most}; the rest was left out.`);
      this.list.append(note);
    }
  }

  private show(): void {
    const transfer = new DataTransfer();
    for (const file of this.files) transfer.items.add(file);
    this.input.files = transfer.files;
    this.list.replaceChildren(...this.files.map((file, index) => this.item(file, index)));
  }

  private item(file: File, index: number): HTMLElement {
    const item = document.createElement("li");
    const picture = document.createElement("img");
    picture.src = URL.createObjectURL(file);
    picture.alt = say(`第 ${index + 1} 张照片`, `Photo ${index + 1}`);
    picture.addEventListener("load", () => URL.revokeObjectURL(picture.src), { once: true });
    const away = document.createElement("button");
    away.type = "button";
    away.className = "photo-away";
    away.textContent = "×";
    away.setAttribute("aria-label", say(`去掉第 ${index + 1} 张`, `Take away photo ${index + 1}`));
    away.addEventListener("click", () => {
      this.files.splice(index, 1);
      this.show();
      this.input.focus();
    });
    item.append(picture, away);
    return item;
  }
}

/** A copy no longer than LONGEST_SIDE, as JPEG; the file itself when it is small enough or cannot be read here. */
async function smaller(file: File): Promise<File> {
  let picture: ImageBitmap;
  try {
    picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return file; // the server says what is wrong with it
  }
  const scale = LONGEST_SIDE / Math.max(picture.width, picture.height);
  if (scale >= 1 && file.size < 3_000_000) return file;
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * Math.min(scale, 1));
  canvas.height = Math.round(picture.height * Math.min(scale, 1));
  canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
  return blob ? new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" }) : file;
}
