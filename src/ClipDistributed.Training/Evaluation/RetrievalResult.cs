using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Training.Evaluation;

/// <param name="Loss">Over all pairs at once, natural logarithm.</param>
/// <param name="ImageToText">Each image looks for its caption.</param>
/// <param name="TextToImage">Each caption looks for its image.</param>
public sealed record RetrievalResult(double Loss, RetrievalRecall ImageToText, RetrievalRecall TextToImage);
