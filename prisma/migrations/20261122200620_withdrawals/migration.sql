-- CreateTable
CREATE TABLE "withdrawal" (
    "id" UUID NOT NULL,
    "seat_id" TEXT NOT NULL,
    "erase" BOOLEAN NOT NULL,
    "wording" TEXT NOT NULL,
    "language" TEXT NOT NULL,
    "asked_at" TIMESTAMPTZ(3) NOT NULL,
    "journaled_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "withdrawal_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "withdrawal_seat_id_idx" ON "withdrawal"("seat_id");

-- CreateIndex
CREATE INDEX "withdrawal_finished_at_idx" ON "withdrawal"("finished_at");

-- AddForeignKey
ALTER TABLE "withdrawal" ADD CONSTRAINT "withdrawal_seat_id_fkey" FOREIGN KEY ("seat_id") REFERENCES "seat"("id") ON DELETE CASCADE ON UPDATE CASCADE;
