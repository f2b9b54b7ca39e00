namespace ClipDistributed.Data.Images;

/// <summary>The bytes alone decide that this is not an image to train on, so every host comes to the same verdict.</summary>
/// <param name="reason">A few words that complete "the image …", the same for the same bytes on every host.</param>
public sealed class DamagedImageException(string reason) : Exception($"the image {reason}")
{
    public string Reason { get; } = reason;
}
