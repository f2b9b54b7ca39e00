namespace ClipDistributed.Training.Tensors;

/// <summary>The numbers of one AdamW step, under PyTorch's names.</summary>
public readonly record struct AdamWSettings(double Lr, double Beta1, double Beta2, double WeightDecay, double Eps);
