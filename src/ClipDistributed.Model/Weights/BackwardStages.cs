using ClipDistributed.Contracts.Models;

namespace ClipDistributed.Model.Weights;

/// <summary>
/// When backward completes a parameter's gradient, counted from 0: the loss's own scalars first, then the text tower from its
/// head to its embeddings, then the image tower. Flat vectors are laid out in this order, so that what is complete is always
/// a beginning of them.
/// </summary>
public sealed class BackwardStages(ModelConfig model)
{
    public const int Loss = 0, TextHead = 1;

    private readonly int textLayers = model.TextCfg.Layers, imageLayers = model.VisionCfg.Layers.Total;

    public int TextEmbeddings => TextHead + textLayers + 1;

    public int ImageHead => TextEmbeddings + 1;

    /// <summary>The last one.</summary>
    public int ImageEmbeddings => ImageHead + imageLayers + 1;

    /// <param name="block">From 0, as in the tower; those of a ResNet's four layers are counted through.</param>
    public int TextBlock(int block) => TextEmbeddings - 1 - block;

    public int ImageBlock(int block) => ImageEmbeddings - 1 - block;
}
