"""A target: where approved clips are sent. Nothing leaves before its rule was seen with count, size and cost, and confirmed."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from app.core.cloud.s3_client import secret_names
from app.core.delivery import key_template
from app.core.model.entities import Target
from app.core.model.errors import RushesError
from app.core.model.names import display
from app.core.platform import secrets
from app.ui import tasks
from app.ui.theme import tokens
from app.ui.widgets import wording
from app.ui.widgets.controls import button, field
from app.ui.widgets.core_words import core
from app.ui.widgets.panels import Drawer, box, clear
from app.ui.widgets.timers import single_shot
from app.ui.widgets.wording import fill, translate
from app.ui.widgets.words import label, section, tip

if TYPE_CHECKING:
    from app.core.delivery.targets import Preview
    from app.ui.desk import Desk

_LIST_PRICE: Final = 23
"""Thousandths of a US dollar a GB and month: the list price of S3 Standard, to begin with."""


_SETTLE_MS: Final = 200


class TargetPanel(Drawer):
    """Describes a bucket, tries it, shows what would be sent, and asks for the word."""

    def __init__(self, desk: "Desk", host: QWidget) -> None:
        super().__init__(host, translate("TargetPanel", "A target for approved clips"), width=520)
        self._desk = desk
        self._target: Target | None = None
        self._name = field(self.tr("such as Cloud archive"), self.tr("Name"))
        self._bucket = field(self.tr("must exist already"), self.tr("Bucket"))
        self._endpoint = field(self.tr("https://… – empty for Amazon S3"), self.tr("Endpoint"))
        self._region = field(self.tr("such as eu-north-1"), self.tr("Region"))
        self._profile = field(
            self.tr("of your AWS settings – empty for the default"), self.tr("Profile")
        )
        self._key = field(self.tr("only where no profile has it"), self.tr("Access key"))
        self._secret = field(self.tr("goes into the system's keyring"), self.tr("Secret key"))
        self._secret.setEchoMode(QLineEdit.EchoMode.Password)
        self._send = QComboBox()
        self._send.setAccessibleName(self.tr("What is sent"))
        for value, words in (
            ("original", self.tr("the originals")),
            ("proxy", self.tr("the proxies")),
            ("both", self.tr("originals and proxies")),
        ):
            self._send.addItem(words, value)
        self._template = field("", self.tr("Names of objects"))
        self._template.textChanged.connect(self._name_later)
        self._names = label("", "secondary", font=tokens.mono(), wrap=True)
        self._naming = single_shot(self, _SETTLE_MS, self._show_names)
        self._trouble = label("", "bad", wrap=True)
        self._trouble.hide()
        self._look = button(
            self.tr("Look what would be sent"),
            self._begin,
            look="primary",
            hint=self.tr(
                "Writes one object of a few bytes into the bucket (.rushes/probe-…) to see what it can do, and deletes it again"
            ),
        )
        self._form = QWidget()
        self._form.setLayout(self._fields())
        self._seen = QVBoxLayout()
        self._seen.setSpacing(tokens.SPACE_M)
        self.body.addWidget(self._form)
        self.body.addWidget(self._trouble)
        self.body.addLayout(self._seen)
        self.body.addStretch(1)

    def _fields(self) -> QVBoxLayout:
        form = QFormLayout()
        form.setSpacing(tokens.SPACE_S)
        for words, edit in (
            (self.tr("Name"), self._name),
            (self.tr("Bucket"), self._bucket),
            (self.tr("Endpoint"), self._endpoint),
            (self.tr("Region"), self._region),
            (self.tr("Profile"), self._profile),
            (self.tr("Access key"), self._key),
            (self.tr("Secret key"), self._secret),
            (self.tr("Send"), self._send),
            (self.tr("Names"), self._template),
        ):
            form.addRow(label(words, "secondary"), edit)
            if isinstance(edit, QLineEdit):
                edit.returnPressed.connect(self._look.click)
        form.addRow("", self._names)
        elements = " ".join(f"{{{name}}}" for name in key_template.ELEMENTS)
        tip(self._template, fill(self.tr("How objects are named. There are: {0}"), elements))
        keys = label(
            self.tr(
                "Keys are taken from the keyring, your AWS profile or the environment; never from a file of Rushes. Nothing is sent"
                " before you have seen what it would be."
            ),
            "secondary",
            wrap=True,
        )
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(form)
        column.addWidget(keys)
        column.addLayout(box(1, self._look, across=True))
        return column

    def begin(self) -> None:
        """For a new target."""
        self._target = None
        for edit in (
            self._name,
            self._bucket,
            self._endpoint,
            self._region,
            self._profile,
            self._key,
            self._secret,
        ):
            edit.clear()
        self._send.setCurrentIndex(0)
        self._template.setText(key_template.DEFAULT)
        self._show_form(shown=True)
        self.open()
        self._name.setFocus()

    def edit(self, target: Target) -> None:
        """Its form again, filled in."""
        self._target = target
        for edit, text in (
            (self._name, target.name),
            (self._bucket, target.bucket),
            (self._endpoint, target.endpoint),
            (self._region, target.region),
            (self._profile, target.profile),
            (self._key, ""),
            (self._secret, ""),
            (self._template, target.template),
        ):
            edit.setText(text)
        self._send.setCurrentIndex(self._send.findData(target.send))
        self._show_form(shown=True)
        self._name.setFocus()

    def show_target(self, target: Target) -> None:
        """For a target there is: what it would send, and the word on it."""
        self._target = target
        self._show_form(shown=False)
        self.open()
        self._try(target)

    def _show_form(self, *, shown: bool) -> None:
        title = self.tr("A target for approved clips")
        self.heading.setText(display(self._target.name) if self._target else title)
        self._form.setVisible(shown)
        self._trouble.hide()
        self._look.setEnabled(True)
        clear(self._seen)
        if shown:
            self._show_names()

    def _name_later(self) -> None:
        if self._form.isVisible():
            self._naming.start()

    def _show_names(self) -> None:
        """How the template as it is typed names the first clips, or why it cannot be read."""
        targets, template = self._desk.services.targets, _text(self._template)

        def show(names: Sequence[str]) -> None:
            self._names.setText("\n".join(display(name) for name in names))

        def refuse(error: RushesError) -> None:
            self._names.setText(f"◆  {core(error.message)}")

        tasks.run_query(self, lambda: targets.names(template), show, refuse, key="names")

    def _begin(self) -> None:
        targets, sync = self._desk.services.targets, self._desk.services.sync
        self._look.setEnabled(False)
        self._trouble.hide()
        text = [
            _text(edit)
            for edit in (
                self._name,
                self._bucket,
                self._endpoint,
                self._region,
                self._profile,
                self._template,
            )
        ]
        names = ("name", "bucket", "endpoint", "region", "profile", "template")
        fields = {**dict(zip(names, text, strict=True)), "send": str(self._send.currentData())}
        known = self._target
        keys = (_text(self._key), self._secret.text())

        def add() -> Target:
            made = (
                targets.change(known.id, **fields)
                if known
                else targets.add(**fields, confirmed=False)
            )
            if all(keys):
                names = secret_names(made.id)
                secrets.put(names.access_key, keys[0])
                secrets.put(names.secret_key, keys[1])
                sync.keys_changed(made.id)
            return made

        self._secret.clear()
        tasks.run_command(self, add, self._added, self._failed)

    def _added(self, target: Target) -> None:
        self._target = target
        self.heading.setText(display(target.name))
        self._form.hide()
        self._try(target)

    def _try(self, target: Target) -> None:
        targets = self._desk.services.targets
        self._seen.addWidget(
            label(fill(self.tr("Asking the bucket {0} …"), display(target.bucket)), "secondary")
        )

        def read() -> "tuple[tuple[str, ...], Preview]":
            return targets.test(target.id), targets.preview(target)

        tasks.run_query(self, read, partial(self._show_preview, target), self._failed, key="target")

    def _failed(self, error: RushesError) -> None:
        self._look.setEnabled(True)
        clear(self._seen)
        self._trouble.setText(f"◆  {core(error.title)}. {core(error.message)} {core(error.todo)}")
        self._trouble.show()
        if self._target is not None and self._form.isHidden():
            again = button(self.tr("Try again"), partial(self.show_target, self._target))
            self._seen.addLayout(box(*self._other_ways(self._target), 1, again, across=True))

    def _other_ways(self, target: Target) -> tuple[QWidget, QWidget]:
        change = button(self.tr("Change …"), partial(self.edit, target))
        remove = button(self.tr("Remove"), partial(self._remove, target))
        tip(remove, self.tr("Nothing is sent there any more; what is in the bucket stays there"))
        return change, remove

    def _remove(self, target: Target) -> None:
        targets = self._desk.services.targets
        words = fill(self.tr("{0} is removed"), target.name)
        self._desk.say(words, lambda: targets.remove(target.id), lambda _: self.shut())

    def _show_preview(self, target: Target, answer: "tuple[tuple[str, ...], Preview]") -> None:
        weaker, preview = answer
        clear(self._seen)
        add = self._seen.addWidget
        add(label(f"✓  {fill(self.tr('{0} answers.'), display(target.bucket))}", "ok"))
        add(
            label(
                self.tr(
                    "To see what it can do, one object of a few bytes was written there (.rushes/probe-…), and deleted again where"
                    " your keys may delete. Nothing else there is ever deleted."
                ),
                "secondary",
                wrap=True,
            )
        )
        for words in weaker:
            add(label(f"▲  {display(words)}", "warn", wrap=True))
        add(section(self.tr("What would be sent now")))
        what = str(self._send.itemText(self._send.findData(target.send)))
        count = fill(
            self.tr("{0} approved, {1}: {2}, {3}"),
            wording.clips(preview.clips),
            what,
            self.tr("%Ln objects", "", preview.objects),
            wording.size(preview.size),
        )
        add(label(count, wrap=True))
        self._seen.addLayout(self._cost(preview))
        if preview.keys:
            add(section(self.tr("Named so")))
            for key in preview.keys:
                add(
                    label(display(key), "secondary", font=tokens.mono(), wrap=True, selectable=True)
                )
        add(
            label(
                self.tr(
                    "Further clips follow as they are approved, a minute later at the earliest; taking an approval back stops"
                    " what waits and lists what is there already."
                ),
                "secondary",
                wrap=True,
            )
        )
        self._seen.addLayout(self._word(target))

    def _cost(self, preview: "Preview") -> QVBoxLayout:
        price = QDoubleSpinBox()
        price.setDecimals(3)
        price.setRange(0, 10)
        price.setSingleStep(0.001)
        price.lineEdit().setTextMargins(tokens.SPACE_S - 2, 0, 0, 0)
        price.setValue(_LIST_PRICE / 1000)
        price.setPrefix("$ ")
        price.setAccessibleName(self.tr("Price of a GB and month"))
        tip(price, self.tr("Your provider's price of a GB and month"))
        cost = label("", wrap=True)

        def show() -> None:
            cents = preview.size * int(price.value() * 1000 + 0.5) // 10_000_000_000
            cost.setText(fill(self.tr("about $ {0} a month"), f"{cents // 100}.{cents % 100:02d}"))

        price.valueChanged.connect(show)
        show()
        row = box(
            label(self.tr("Cost at"), "secondary"),
            price,
            label(self.tr("a GB and month:"), "secondary"),
            cost,
            1,
            across=True,
        )
        column = QVBoxLayout()
        column.addLayout(row)
        return column

    def _word(self, target: Target) -> QVBoxLayout:
        column = QVBoxLayout()
        if target.confirmed:
            stop = button(self.tr("Send nothing more"), partial(self._decide, target, sends=False))
            column.addWidget(label(f"✓  {self.tr('Confirmed: approved clips are sent.')}", "ok"))
            column.addLayout(box(*self._other_ways(target), 1, stop, across=True))
        else:
            go = button(
                self.tr("Confirm: send approved clips"),
                partial(self._decide, target, sends=True),
                look="primary",
            )
            later = button(self.tr("Not yet"), self.shut)
            column.addLayout(box(*self._other_ways(target), 1, later, go, across=True))
        return column

    def _decide(self, target: Target, *, sends: bool) -> None:
        targets = self._desk.services.targets
        words = fill(
            self.tr("{0} sends approved clips") if sends else self.tr("{0} sends nothing more"),
            target.name,
        )
        self._desk.say(
            words, lambda: targets.confirm(target.id, confirmed=sends), lambda _: self.shut()
        )


def _text(edit: QLineEdit) -> str:
    return edit.text().strip()
