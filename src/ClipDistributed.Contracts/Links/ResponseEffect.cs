namespace ClipDistributed.Contracts.Links;

/// <summary>What follows from a coordinator's message.</summary>
public enum ResponseEffect
{
    /// <summary>It is of an older generation, was received before, or concerns the link alone.</summary>
    None,

    Obey,

    /// <summary>Another coordinator has taken over since: the call is to be given up.</summary>
    Superseded,
}
