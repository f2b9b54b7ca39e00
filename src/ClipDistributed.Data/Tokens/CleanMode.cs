namespace ClipDistributed.Data.Tokens;

/// <summary>How a caption is cleaned before it is cut into words. All modes repair the text and collapse white space.</summary>
public enum CleanMode
{
    /// <summary>Lower case; what CLIP uses.</summary>
    Lower = 0,

    /// <summary>Case is kept.</summary>
    Whitespace = 1,

    /// <summary>Lower case without ASCII punctuation, an underscore counting as a space; what SigLIP uses.</summary>
    Canonicalize = 2,
}
