using System.CommandLine;
using ClipDistributed.Cli;

var root = new RootCommand("Trains CLIP models on one machine or many, exactly and without Python.");
return await CommandLine.RunAsync(root, args);
