"""Records have BLAKE3 digests: what was being made with others, or by an earlier generator, cannot be ended."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute(
        "UPDATE datasets SET state = 'failed', reason = 'signals now makes records otherwise: ask again'"
        " WHERE state = 'making'"
    )


def downgrade() -> None:
    pass
