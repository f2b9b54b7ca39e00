namespace ClipDistributed.Model.Weights;

/// <summary>One batch norm of a model: its OpenCLIP name and its channels.</summary>
public sealed record BatchNormShape(string Name, int Channels);
