namespace ClipDistributed.Training.Memory;

/// <summary>Where the number of rows comes from that pass through the towers at once.</summary>
public enum MicroBatchOrigin
{
    /// <summary>From what fits, or from the global batch where the model has batch normalisation.</summary>
    Auto = 1,

    /// <summary>batch.micro.</summary>
    Spec = 2,

    /// <summary>The run has computed steps with it, and keeps it.</summary>
    Settled = 3,
}
