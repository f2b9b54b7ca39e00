namespace ClipDistributed.Model.Layers;

/// <summary>
/// When backward completes the gradients of a tower, counted from 0 over the model: the loss's own scalars first, then the text
/// tower from its head to its embeddings, then the image tower. Flat vectors are laid out in this order, so that what is complete
/// is always a beginning of them.
/// </summary>
/// <param name="Head">Of the layers after the last block; the tower's first stage.</param>
/// <param name="Blocks">Their number.</param>
internal readonly record struct TowerStages(int Head, int Blocks)
{
    /// <summary>Of scalars that the loss computes with.</summary>
    public const int Loss = 0;

    /// <summary>Of the layers before the first block; the tower's last stage.</summary>
    public int Embeddings => Head + Blocks + 1;

    /// <param name="index">From 0 in the order of the forward pass.</param>
    public int Block(int index) => Embeddings - 1 - index;
}
