"""What the room tells the public: bulletins, lessons and stories, and the site that shows them."""
