using static TorchSharp.torch;

namespace ClipDistributed.Training.Loss;

/// <summary>Sums Σ_j G_ij·column_j over tiles, for the own rows of both sides.</summary>
internal sealed class EmbeddingGradients(GlobalEmbeddings embeddings)
{
    public Tensor Images { get; } = zeros([embeddings.Own.Count, embeddings.Images.shape[1]], ScalarType.Float32, embeddings.Images.device);

    public Tensor Texts { get; } = zeros([embeddings.Own.Count, embeddings.Texts.shape[1]], ScalarType.Float32, embeddings.Texts.device);

    /// <param name="weights">G, the derivative of the loss with respect to the tile's cosines, up to a common factor; [rows,
    /// columns].</param>
    public void Add(LogitTile tile, Tensor weights)
    {
        if (tile.OfTexts)
        {
            Own(Texts, tile.Rows.Start, tile.Rows.Count).addmm_(weights, LogitTiles.Rows(embeddings.Images, tile.Columns));
            return;
        }
        Own(Images, tile.Rows.Start, tile.Rows.Count).addmm_(weights, LogitTiles.Rows(embeddings.Texts, tile.Columns));
        if (tile.Own) // own images × own texts, transposed, is what the text side needs
            Own(Texts, tile.Columns.Start, tile.Columns.Count).addmm_(weights.t(), LogitTiles.Rows(embeddings.Images, tile.Rows));
    }

    private Tensor Own(Tensor gradient, int start, int count) => gradient.narrow(0, start - embeddings.Own.Start, count);
}
