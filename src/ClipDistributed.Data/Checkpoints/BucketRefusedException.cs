namespace ClipDistributed.Data.Checkpoints;

/// <summary>S3 answers, and refuses: the bucket, the credentials or the rights are wrong. Trying again gives the same.</summary>
public sealed class BucketRefusedException(string message, Exception? cause = null) : IOException(message, cause);
