using ClipDistributed.Data.Images;
using ClipDistributed.Data.Tokens;

namespace ClipDistributed.Data.Batches;

/// <summary>What makes an encoded sample, beside the sample itself; the same on all replicas of a run.</summary>
/// <param name="Seed">Of the augmentation.</param>
/// <param name="Context">Token ids of a text.</param>
/// <param name="MaxImagePixels">An image with more pixels is damage.</param>
public sealed record EncoderSettings(ulong Seed, TrainingTransform Transform, ClipTokenizer Tokenizer, int Context, long MaxImagePixels);
