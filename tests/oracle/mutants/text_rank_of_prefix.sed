# compute/exec/text_ranking.cc
# texts of one length that follow each other share a rank
s/least.text != last_text_/least.text.size() != last_text_.size()/
