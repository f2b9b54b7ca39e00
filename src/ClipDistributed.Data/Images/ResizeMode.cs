namespace ClipDistributed.Data.Images;

/// <summary>How an image of any shape becomes a square, under OpenCLIP's names.</summary>
public enum ResizeMode
{
    /// <summary>The shortest side becomes the size, then the centre is cropped.</summary>
    Shortest = 0,

    /// <summary>Both sides become the size; the shape is lost.</summary>
    Squash = 1,

    /// <summary>The longest side becomes the size, then the centre is padded with black.</summary>
    Longest = 2,
}
