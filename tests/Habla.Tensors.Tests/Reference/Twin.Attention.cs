namespace Habla.Tensors.Tests.Reference;

internal static partial class Twin
{
    /// <summary>Queries go through attention in blocks of so many; sums over keys or queries end with a block.</summary>
    private const int QueryBlock = 32;

    /// <summary>
    /// Causal attention on queries, keys and values side by side, <c>[B, T, (H + 2·H_kv)·D]</c>, <c>[B, T, 3C]</c> when H_kv = H.
    /// </summary>
    /// <param name="Batch">B</param>
    /// <param name="Positions">T</param>
    /// <param name="Heads">H</param>
    /// <param name="HeadSize">D</param>
    /// <param name="Bias"><c>[B, T]</c>: 0 or −∞ for each key; null for none.</param>
    /// <param name="FirstKeys"><c>[B, T]</c>: the first key that each query sees; null when all see their row from the start.</param>
    /// <param name="Kept">The dropout bits of a query of a (sample, head), for whole vectors of keys; null for no dropout.</param>
    /// <param name="DropoutScale">1/(1 − p)</param>
    /// <param name="KeyValueHeads">H_kv: so many neighbouring heads share keys and values.</param>
    public sealed record Attention(
        int Batch, int Positions, int Heads, int HeadSize, float[]? Bias, int[]? FirstKeys, Func<int, int, bool[]>? Kept, float DropoutScale,
        int KeyValueHeads)
    {
        private float Scale => 1f / MathF.Sqrt(HeadSize);

        private int Width => Heads * HeadSize;

        private int JoinedWidth => (Heads + (2 * KeyValueHeads)) * HeadSize;

        /// <summary>The output <c>[B, T, C]</c>, and the maximum and inverse sum of each query's scores, <c>[B, H, T, 2]</c>.</summary>
        public (float[] Output, float[] RowSums) Forward(float[] queryKeyValue)
        {
            float[] output = new float[Batch * Positions * Width], rowSums = new float[2 * Batch * Heads * Positions];
            for (int piece = 0; piece < Batch * Heads; piece++)
            {
                (Matrix q, Matrix k, Matrix v) = Parts(queryKeyValue, piece);
                for (int query = 0; query < Positions; query++)
                {
                    int visible = EndOfBlock(query), at = (piece * Positions) + query;
                    float[] row = Product(1, visible, 0, HeadSize, RowOf(q, query), k.Transposed, null);
                    (rowSums[2 * at], rowSums[(2 * at) + 1]) = AttentionWeights(
                        row, query + 1, Scale, BiasOf(piece, query), Kept?.Invoke(piece, query), DropoutScale);
                    Product(1, HeadSize, 0, visible, new Matrix(row, visible), v, null)
                        .CopyTo(output, OutputIndexOf(piece, query));
                }
            }

            return (output, rowSums);
        }

        /// <summary>
        /// The gradient, added to what is there or written; a further head that shares keys and values adds to theirs.
        /// </summary>
        public void Backward(float[] queryKeyValue, float[] rowSums, float[] outputGradient, float[] gradient, bool accumulate)
        {
            for (int piece = 0; piece < Batch * Heads; piece++)
            {
                int lastBlock = (Positions - 1) / QueryBlock * QueryBlock;
                bool add = accumulate || piece % (Heads / KeyValueHeads) != 0;
                for (int first = lastBlock; first >= 0; first -= QueryBlock, add = true)
                {
                    Block(queryKeyValue, rowSums, outputGradient, gradient, piece, first, accumulate, add);
                }
            }
        }

        /// <summary>What a block of queries adds to the gradients.</summary>
        private void Block(
            float[] queryKeyValue, float[] rowSums, float[] outputGradient, float[] gradient, int piece, int first,
            bool accumulate, bool add)
        {
            (Matrix q, Matrix k, Matrix v) = Parts(queryKeyValue, piece);
            var dOut = new Matrix(outputGradient, Width, First: OutputIndexOf(piece, 0));
            int visible = EndOfBlock(first), rows = visible - first;
            float[] weights = new float[rows * visible], slopes = new float[rows * visible];
            for (int i = 0; i < rows; i++)
            {
                // Vectors reach up to 15 keys past the last one; there both operands are zeros.
                int query = first + i, at = 2 * ((piece * Positions) + query), whole = (visible + Lanes - 1) / Lanes * Lanes;
                float[] row = new float[whole], rowSlopes = new float[whole];
                int there = Math.Min(whole, Positions);
                Product(1, there, 0, HeadSize, RowOf(q, query), k.Transposed, null).CopyTo(row, 0);
                Product(1, there, 0, HeadSize, RowOf(dOut, query), v.Transposed, null).CopyTo(rowSlopes, 0);
                AttentionSlopes(
                    row, rowSlopes, query + 1, Scale, BiasOf(piece, query), rowSums[at], rowSums[at + 1], Kept?.Invoke(piece, query),
                    DropoutScale);
                row.AsSpan(0, visible).CopyTo(weights.AsSpan(i * visible));
                rowSlopes.AsSpan(0, visible).CopyTo(slopes.AsSpan(i * visible));
            }

            var p = new Matrix(weights, visible);
            var ds = new Matrix(slopes, visible);
            Store(gradient, piece, part: 2, 0, Product(
                visible, HeadSize, 0, rows, p.Transposed, RowOf(dOut, first), add ? Load(gradient, piece, 2, 0, visible) : null));
            Store(gradient, piece, part: 1, 0, Product(
                visible, HeadSize, 0, rows, ds.Transposed, RowOf(q, first), add ? Load(gradient, piece, 1, 0, visible) : null));
            Store(gradient, piece, part: 0, first, Product(
                rows, HeadSize, 0, visible, ds, k, accumulate ? Load(gradient, piece, 0, first, rows) : null));
        }

        private int EndOfBlock(int query) => Math.Min(Positions, (query / QueryBlock * QueryBlock) + QueryBlock);

        /// <summary>What is added to a query's scores: −∞ for keys that are padding or stand before the first one it sees.</summary>
        private ReadOnlySpan<float> BiasOf(int piece, int query)
        {
            int row = piece / Heads * Positions, from = FirstKeys is null ? 0 : FirstKeys[row + query];
            float[] bias = Bias is null ? new float[Positions] : Bias.AsSpan(row, Positions).ToArray();
            bias.AsSpan(0, from).Fill(float.NegativeInfinity);
            return Bias is null && from == 0 ? default : bias;
        }

        private int OutputIndexOf(int piece, int position) =>
            (((piece / Heads * Positions) + position) * Width) + (piece % Heads * HeadSize);

        /// <summary>Where a head's queries (part 0) are in a row, or the keys (1) or values (2) that it uses.</summary>
        private int IndexOf(int piece, int position, int part)
        {
            int head = piece % Heads, column = part == 0 ? head : Heads + ((part - 1) * KeyValueHeads) + (head * KeyValueHeads / Heads);
            return (((piece / Heads * Positions) + position) * JoinedWidth) + (column * HeadSize);
        }

        private (Matrix Q, Matrix K, Matrix V) Parts(float[] numbers, int piece)
        {
            Matrix Part(int part) => new(numbers, JoinedWidth, First: IndexOf(piece, 0, part));
            return (Part(0), Part(1), Part(2));
        }

        private static Matrix RowOf(Matrix matrix, int row) => matrix with { First = matrix.First + (row * matrix.RowStride) };

        private float[] Load(float[] gradient, int piece, int part, int first, int rows)
        {
            float[] block = new float[rows * HeadSize];
            for (int i = 0; i < rows; i++)
            {
                gradient.AsSpan(IndexOf(piece, first + i, part), HeadSize).CopyTo(block.AsSpan(i * HeadSize));
            }

            return block;
        }

        private void Store(float[] gradient, int piece, int part, int first, float[] block)
        {
            for (int i = 0; i < block.Length / HeadSize; i++)
            {
                block.AsSpan(i * HeadSize, HeadSize).CopyTo(gradient.AsSpan(IndexOf(piece, first + i, part)));
            }
        }
    }
}
