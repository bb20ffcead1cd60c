-- AlterTable
ALTER TABLE "consent" ADD COLUMN     "receipt_hash" TEXT;

-- AlterTable
ALTER TABLE "master" ADD COLUMN     "kind" TEXT NOT NULL DEFAULT 'whole',
ADD COLUMN     "preset" TEXT NOT NULL DEFAULT 'speech',
ADD COLUMN     "title" TEXT;

-- AlterTable
ALTER TABLE "recording" ADD COLUMN     "name" TEXT;

-- AlterTable
ALTER TABLE "take" ADD COLUMN     "name" TEXT,
ADD COLUMN     "stop_reason" TEXT;

-- CreateIndex
CREATE UNIQUE INDEX "consent_receipt_hash_key" ON "consent"("receipt_hash");
