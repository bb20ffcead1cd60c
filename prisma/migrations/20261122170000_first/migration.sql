-- CreateTable
CREATE TABLE "host" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "password_hash" TEXT NOT NULL,
    "is_owner" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "host_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "login" (
    "id" UUID NOT NULL,
    "host_id" UUID NOT NULL,
    "token_hash" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_used_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "login_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "api_token" (
    "id" UUID NOT NULL,
    "host_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "token_hash" TEXT NOT NULL,
    "scopes" TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_used_at" TIMESTAMPTZ(3),
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_token_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "setup_link" (
    "secret_hash" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "used_at" TIMESTAMPTZ(3),

    CONSTRAINT "setup_link_pkey" PRIMARY KEY ("secret_hash")
);

-- CreateTable
CREATE TABLE "room" (
    "id" UUID NOT NULL,
    "slug" TEXT NOT NULL,
    "host_id" UUID NOT NULL,
    "title" TEXT NOT NULL,
    "topic" TEXT NOT NULL DEFAULT '',
    "anonymous_listening" BOOLEAN NOT NULL DEFAULT true,
    "recording_armed" BOOLEAN NOT NULL DEFAULT true,
    "listed" BOOLEAN NOT NULL DEFAULT true,
    "publish_number" BOOLEAN NOT NULL DEFAULT true,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "room_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "live_session" (
    "id" TEXT NOT NULL,
    "room_id" UUID NOT NULL,
    "state" TEXT NOT NULL,
    "idempotency_key" TEXT,
    "started_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    "end_reason" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "live_session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "speak_link" (
    "id" UUID NOT NULL,
    "room_id" UUID NOT NULL,
    "label" TEXT NOT NULL,
    "secret_hash" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "used_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "speak_link_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "seat" (
    "id" TEXT NOT NULL,
    "live_session_id" TEXT NOT NULL,
    "identity" TEXT NOT NULL,
    "display_name" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "origin" TEXT NOT NULL,
    "speak_link_id" UUID,
    "participant_sid" TEXT,
    "muted_by_moderator" BOOLEAN NOT NULL DEFAULT false,
    "joined_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    "end_reason" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "seat_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "consent" (
    "id" UUID NOT NULL,
    "seat_id" TEXT NOT NULL,
    "recorded" BOOLEAN NOT NULL,
    "published" BOOLEAN NOT NULL,
    "wording" TEXT NOT NULL,
    "language" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "consent_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE UNLOGGED TABLE "hand" (
    "id" TEXT NOT NULL,
    "live_session_id" TEXT NOT NULL,
    "identity" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "anonymous" BOOLEAN NOT NULL,
    "state" TEXT NOT NULL,
    "raised_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "invited_at" TIMESTAMPTZ(3),

    CONSTRAINT "hand_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE UNLOGGED TABLE "removal" (
    "live_session_id" TEXT NOT NULL,
    "identity" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "removal_pkey" PRIMARY KEY ("live_session_id","identity")
);

-- CreateTable
CREATE TABLE "recording" (
    "id" TEXT NOT NULL,
    "live_session_id" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "identity" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "closed_at" TIMESTAMPTZ(3),

    CONSTRAINT "recording_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "take" (
    "id" TEXT NOT NULL,
    "recording_id" TEXT NOT NULL,
    "ordinal" INTEGER NOT NULL,
    "state" TEXT NOT NULL,
    "idempotency_key" TEXT,
    "started_at" TIMESTAMPTZ(3),
    "stopped_at" TIMESTAMPTZ(3),
    "length_samples" BIGINT,
    "problem" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "take_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "master" (
    "id" UUID NOT NULL,
    "recording_id" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "step" TEXT,
    "percent" INTEGER NOT NULL DEFAULT 0,
    "attempt" INTEGER NOT NULL DEFAULT 0,
    "cut" JSONB NOT NULL,
    "duration_ms" INTEGER,
    "loudness_lufs" DOUBLE PRECISION,
    "true_peak_dbtp" DOUBLE PRECISION,
    "peaks_file" TEXT,
    "problem" JSONB,
    "queued_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ready_at" TIMESTAMPTZ(3),

    CONSTRAINT "master_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "rendition" (
    "id" TEXT NOT NULL,
    "master_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "media_type" TEXT NOT NULL,
    "file" TEXT NOT NULL,
    "bytes" BIGINT NOT NULL,
    "duration_ms" INTEGER NOT NULL,
    "sha256" TEXT NOT NULL,

    CONSTRAINT "rendition_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "episode" (
    "id" UUID NOT NULL,
    "slug" TEXT NOT NULL,
    "guid" TEXT NOT NULL,
    "room_id" UUID NOT NULL,
    "recording_id" TEXT NOT NULL,
    "master_id" UUID NOT NULL,
    "title" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "language" TEXT NOT NULL,
    "explicit" BOOLEAN NOT NULL DEFAULT false,
    "cover_sha256" TEXT NOT NULL,
    "speakers" TEXT[],
    "state" TEXT NOT NULL,
    "idempotency_key" TEXT,
    "published_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "episode_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "host_name_key" ON "host"("name");

-- CreateIndex
CREATE UNIQUE INDEX "login_token_hash_key" ON "login"("token_hash");

-- CreateIndex
CREATE INDEX "login_host_id_idx" ON "login"("host_id");

-- CreateIndex
CREATE UNIQUE INDEX "api_token_token_hash_key" ON "api_token"("token_hash");

-- CreateIndex
CREATE INDEX "api_token_host_id_idx" ON "api_token"("host_id");

-- CreateIndex
CREATE UNIQUE INDEX "room_slug_key" ON "room"("slug");

-- CreateIndex
CREATE INDEX "room_host_id_idx" ON "room"("host_id");

-- CreateIndex
CREATE INDEX "live_session_state_idx" ON "live_session"("state");

-- CreateIndex
CREATE UNIQUE INDEX "live_session_room_id_idempotency_key_key" ON "live_session"("room_id", "idempotency_key");

-- CreateIndex
CREATE UNIQUE INDEX "speak_link_secret_hash_key" ON "speak_link"("secret_hash");

-- CreateIndex
CREATE INDEX "speak_link_room_id_idx" ON "speak_link"("room_id");

-- CreateIndex
CREATE UNIQUE INDEX "seat_identity_key" ON "seat"("identity");

-- CreateIndex
CREATE INDEX "seat_live_session_id_state_idx" ON "seat"("live_session_id", "state");

-- CreateIndex
CREATE INDEX "consent_seat_id_at_idx" ON "consent"("seat_id", "at");

-- CreateIndex
CREATE INDEX "hand_live_session_id_raised_at_idx" ON "hand"("live_session_id", "raised_at");

-- CreateIndex
CREATE UNIQUE INDEX "recording_identity_key" ON "recording"("identity");

-- CreateIndex
CREATE INDEX "recording_live_session_id_idx" ON "recording"("live_session_id");

-- CreateIndex
CREATE UNIQUE INDEX "take_recording_id_ordinal_key" ON "take"("recording_id", "ordinal");

-- CreateIndex
CREATE UNIQUE INDEX "take_recording_id_idempotency_key_key" ON "take"("recording_id", "idempotency_key");

-- CreateIndex
CREATE INDEX "master_recording_id_queued_at_idx" ON "master"("recording_id", "queued_at");

-- CreateIndex
CREATE UNIQUE INDEX "rendition_master_id_kind_key" ON "rendition"("master_id", "kind");

-- CreateIndex
CREATE UNIQUE INDEX "episode_slug_key" ON "episode"("slug");

-- CreateIndex
CREATE UNIQUE INDEX "episode_guid_key" ON "episode"("guid");

-- CreateIndex
CREATE INDEX "episode_state_published_at_idx" ON "episode"("state", "published_at");

-- CreateIndex
CREATE UNIQUE INDEX "episode_recording_id_idempotency_key_key" ON "episode"("recording_id", "idempotency_key");

-- AddForeignKey
ALTER TABLE "login" ADD CONSTRAINT "login_host_id_fkey" FOREIGN KEY ("host_id") REFERENCES "host"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_token" ADD CONSTRAINT "api_token_host_id_fkey" FOREIGN KEY ("host_id") REFERENCES "host"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "room" ADD CONSTRAINT "room_host_id_fkey" FOREIGN KEY ("host_id") REFERENCES "host"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "live_session" ADD CONSTRAINT "live_session_room_id_fkey" FOREIGN KEY ("room_id") REFERENCES "room"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "speak_link" ADD CONSTRAINT "speak_link_room_id_fkey" FOREIGN KEY ("room_id") REFERENCES "room"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "seat" ADD CONSTRAINT "seat_live_session_id_fkey" FOREIGN KEY ("live_session_id") REFERENCES "live_session"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "consent" ADD CONSTRAINT "consent_seat_id_fkey" FOREIGN KEY ("seat_id") REFERENCES "seat"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "recording" ADD CONSTRAINT "recording_live_session_id_fkey" FOREIGN KEY ("live_session_id") REFERENCES "live_session"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "take" ADD CONSTRAINT "take_recording_id_fkey" FOREIGN KEY ("recording_id") REFERENCES "recording"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "master" ADD CONSTRAINT "master_recording_id_fkey" FOREIGN KEY ("recording_id") REFERENCES "recording"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "rendition" ADD CONSTRAINT "rendition_master_id_fkey" FOREIGN KEY ("master_id") REFERENCES "master"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "episode" ADD CONSTRAINT "episode_room_id_fkey" FOREIGN KEY ("room_id") REFERENCES "room"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "episode" ADD CONSTRAINT "episode_recording_id_fkey" FOREIGN KEY ("recording_id") REFERENCES "recording"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "episode" ADD CONSTRAINT "episode_master_id_fkey" FOREIGN KEY ("master_id") REFERENCES "master"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- By hand, since Prisma knows neither partial indexes nor UNLOGGED (above: hand, removal).
CREATE UNIQUE INDEX "live_session_one_live" ON "live_session"("room_id") WHERE "state" = 'live';
CREATE UNIQUE INDEX "seat_one_host" ON "seat"("live_session_id") WHERE "role" = 'host' AND "state" <> 'ended';
CREATE UNIQUE INDEX "recording_one_open" ON "recording"("live_session_id") WHERE "state" = 'open';
CREATE UNIQUE INDEX "take_one_running" ON "take"("recording_id") WHERE "state" IN ('starting', 'capturing', 'closing');
